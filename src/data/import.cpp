#include "cohort/data/import.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/adopted_form.hpp"
#include "data/import_outputs.hpp"
#include "data/import_report.hpp"
#include "data/problems.hpp"
#include "data/quarantine.hpp"
#include "data/selection.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;
__extension__ typedef unsigned __int128 Uint128;

constexpr int kMaxThreads = 1024;
// Texts are stored padded to the longest of their column, so that one long note would cost as much in every
// row.
constexpr std::size_t kMaxTextBytes = 1024;

void check_options(const ImportOptions& options) {
  if (options.size < kMinPackedSize || options.size > kMaxPackedSize) {
    throw UsageError(
        concat("import: size ", options.size, " must lie in ", kMinPackedSize, " ... ", kMaxPackedSize));
  }
  if (options.threads < 1 || options.threads > kMaxThreads) {
    throw UsageError(concat("import: threads ", options.threads, " must lie in 1 ... ", kMaxThreads));
  }
  check_outputs(options);
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

[[noreturn]] void fail(const char* doing, const fs::path& path, const std::error_code& error) {
  throw Error(concat("import: ", doing, " ", path.string(), ": ", error.message()));
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("make folder", folder, error);
}

/// Nothing happens when there is no such file.
void remove_file(const fs::path& path) {
  std::error_code error;
  fs::remove(path, error);
  if (error) fail("remove", path, error);
}

/// Scratch and packed file stand side by side for a while.
void check_disk(const fs::path& folder, std::size_t samples, std::size_t image_bytes) {
  const std::uintmax_t needed = 2 * static_cast<std::uintmax_t>(samples) * image_bytes;
  const std::uintmax_t free = store::free_bytes(folder);
  if (free < needed) {
    throw Error(concat("import: ", folder.string(), " has ", free / 1'000'000, " MB free, ",
                       needed / 1'000'000, " MB are needed; free some space or choose a smaller --size"));
  }
}

Manifest read_manifest(const ImportOptions& options) {
  Manifest manifest = read_source(options.source, options.label_column);
  for (const fs::path& join : options.joins) join_columns(manifest, join);
  select_samples(manifest, options.selection, options.split.seed);
  Problems problems("import");
  for (const Sample& sample : manifest.samples) {
    for (std::size_t i = 0; i < sample.extra.size(); ++i) {
      if (sample.extra[i].size() > kMaxTextBytes) {
        problems.add(concat("image ", sample.id, ": column ", manifest.columns[i], " holds more than ",
                            kMaxTextBytes, " bytes"));
      }
    }
  }
  problems.throw_if_any("shorten the text or leave the column out");
  return manifest;
}

/// Integer sums over the training split (all samples when there is none), so that order and threads cannot
/// matter.
Normalization normalization_of(const UsableSamples& usable, const std::vector<Split>& splits, int size,
                               std::vector<std::string>& warnings) {
  const bool has_train = std::ranges::find(splits, Split::train) != splits.end();
  if (!has_train)
    warnings.emplace_back("no sample trains: mean and deviation of pixels are taken from all samples");
  std::array<std::uint64_t, 3> sums{}, square_sums{};
  std::uint64_t pixels = 0;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (has_train && splits[i] != Split::train) continue;
    pixels += static_cast<std::uint64_t>(size) * static_cast<std::uint64_t>(size);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      sums[channel] += usable.decoded[i].sums[channel];
      square_sums[channel] += usable.decoded[i].square_sums[channel];
    }
  }
  Normalization normalization;
  const auto count = static_cast<double>(pixels);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto sum = static_cast<double>(sums[channel]);
    // n * sum of squares - (sum)^2, an exact integer, is n^2 times the variance.
    const Uint128 spread = static_cast<Uint128>(pixels) * square_sums[channel] -
                           static_cast<Uint128>(sums[channel]) * sums[channel];
    normalization.mean[channel] = sum / count / 255.0;
    normalization.standard_deviation[channel] = exact::sqrt(static_cast<double>(spread)) / count / 255.0;
    if (!(normalization.standard_deviation[channel] >= 1e-3)) {
      warnings.push_back(
          concat("colour channel ", channel, " hardly varies; its standard deviation is taken as 1"));
      normalization.standard_deviation[channel] = 1.0;
    }
  }
  return normalization;
}

/// Provenance without the machine's paths and without what cannot change the contents.
std::string describe(const ImportOptions& options, const Manifest& manifest) {
  std::string text = concat("cohort import: ", manifest.source, "; size ", options.size, "; split ");
  for (const double fraction : options.split.fractions) text += concat(format_shortest(fraction), " ");
  text += concat("seed ", options.split.seed);
  if (!options.selection.classes.empty())
    text += concat("; classes ", joined(options.selection.classes, " "));
  if (options.selection.most_per_class > 0)
    text += concat("; at most ", options.selection.most_per_class, " of a class");
  for (const fs::path& join : options.joins) text += concat("; joined ", join.filename().string());
  return text;
}

/// What becomes rows of packed files.
struct Rows {
  const UsableSamples& usable;
  const std::vector<Split>& splits;
  const ScratchFile& scratch;

  /// The samples whose split is hidden, or those whose split is not.
  [[nodiscard]] std::vector<std::size_t> part(bool is_hidden) const {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < splits.size(); ++i) {
      if ((splits[i] == Split::hidden) == is_hidden) members.push_back(i);
    }
    return members;
  }
  void read(std::size_t i, PackedSample& packed) const {
    const Sample& sample = usable.manifest.samples[i];
    packed.id = sample.id;
    packed.lesion = sample.lesion;
    packed.patient = sample.patient;
    packed.extra = sample.extra;
    packed.label = sample.label;
    packed.split = splits[i];
    scratch.read(usable.slots[i], packed.pixels);
  }
};

Digest write_part(const fs::path& path, const PackOptions& pack, const Rows& rows,
                  const std::vector<std::size_t>& members, const std::function<void()>& when_whole) {
  PackedSample packed;
  packed.pixels.resize(static_cast<std::size_t>(pack.image.count()));
  const auto read = [&](std::int64_t row) -> const PackedSample& {
    rows.read(members[static_cast<std::size_t>(row)], packed);
    return packed;
  };
  return write_packed(path, pack, static_cast<std::int64_t>(members.size()), read, when_whole);
}

void write_quarantine(const fs::path& path, const std::vector<QuarantinedFile>& quarantined) {
  if (quarantined.empty()) {
    remove_file(path);
    return;
  }
  std::string text(kQuarantineHeader);
  for (const auto& [file, reason] : quarantined) {
    text += csv_line(std::vector<std::string>{file.string(), reason}) + "\n";
  }
  store::write_text_atomically(path, text);
}

/// Old files stay until all new ones are whole on the disk. Nothing in a packed file names the one beside it,
/// so that an old file next to a new one would pass for its own, and what is hidden in one may train in the
/// other: the old hidden file goes before the new main file comes, and the new hidden file comes after it. A
/// main file stands at any time, alone or with its own hidden file.
void write_files(const ImportOptions& options, const PackOptions& pack, const Rows& rows,
                 ImportReport& report) {
  const std::vector<std::size_t> main = rows.part(false), hidden = rows.part(true);
  if (main.empty()) throw DataError("import: all samples are hidden; nothing is left for the main file");
  const fs::path hidden_path = hidden_file_of(options.output);
  const auto write_main = [&] {
    report.digest = write_part(options.output, pack, rows, main, [&] {
      write_quarantine(quarantine_file_of(options.output), report.quarantined);
      remove_file(hidden_path);
    });
  };
  report.has_hidden_file = !hidden.empty();
  if (report.has_hidden_file) {
    report.hidden_digest = write_part(hidden_path, pack, rows, hidden, write_main);
    // What members are paid on is not for whoever has an account on the same disk.
    fs::permissions(hidden_path, fs::perms::others_all, fs::perm_options::remove);
  } else {
    write_main();
  }
}

}  // namespace

fs::path hidden_file_of(const fs::path& output) {
  return folder_of(output) / (output.stem().string() + ".hidden.h5");
}
fs::path quarantine_file_of(const fs::path& output) {
  return folder_of(output) / (output.stem().string() + ".quarantine.csv");
}

ImportReport import_images(const ImportOptions& given, Log& log) {
  ImportOptions options = given;
  std::optional<AdoptedForm> form;
  if (!options.like.empty()) {
    form = form_of(options.like);
    options.size = form->size;
  }
  check_options(options);
  Manifest manifest = read_manifest(options);
  if (form) refuse_other_classes(manifest, *form);
  refuse_images_as_outputs(options, manifest);
  log.info(concat("import: ", manifest.source));
  // Contradictions between given splits and groups should show now, not after all images are decoded.
  static_cast<void>(assign_splits(manifest, {}, options.split));
  const fs::path folder = folder_of(options.output);
  make_folder(folder);
  const auto image_bytes =
      3 * static_cast<std::size_t>(options.size) * static_cast<std::size_t>(options.size);
  check_disk(folder, manifest.samples.size(), image_bytes);

  ImportReport report;
  report.warnings = manifest.warnings;
  const ScratchFile scratch(folder, image_bytes);
  std::vector<DecodedImage> decoded =
      decode_images(manifest.samples, options.size, options.threads, scratch, log);
  UsableSamples usable = take_usable(std::move(manifest), std::move(decoded), options.broken, report);
  const std::vector<Split> splits = assign_splits(usable.manifest, usable.identical, options.split);
  if (form) adopt_classes(usable.manifest, *form);
  report.samples = static_cast<std::int64_t>(splits.size());
  report.size = options.size;
  report.classes = usable.manifest.classes;
  report.given_splits = given_splits(usable.manifest);
  report.leaks = leak_report(usable.manifest, splits, usable.identical);

  PackOptions pack;
  pack.image = {3, options.size, options.size};
  pack.classes = usable.manifest.classes;
  pack.columns = usable.manifest.columns;
  pack.normalization =
      form ? form->normalization : normalization_of(usable, splits, options.size, report.warnings);
  pack.import_command =
      concat(describe(options, usable.manifest), form ? concat("; like sha256:", form->digest) : "");
  add_warnings(usable.manifest, report);
  write_files(options, pack, {usable, splits, scratch}, report);
  log_report(usable.manifest, report, log);
  return report;
}

}  // namespace cohort::data
