#include <algorithm>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "data/packed_layout.hpp"
#include "data/plain_name.hpp"
#include "data/sample_record.hpp"

namespace cohort::data {
namespace {

/// Everything of the samples but their pixels, collected while the pixels are written.
struct Columns {
  std::vector<std::int32_t> labels;
  std::vector<std::uint8_t> splits, records;
  std::vector<Digest> leaves;
  std::vector<std::string> ids, lesions, patients;
  std::vector<std::vector<std::string>> extra;
};

bool is_distinct(const std::vector<std::string>& names) {
  return std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

void check_options(const PackOptions& options, std::int64_t count) {
  require(count > 0, "write_packed: a data set needs a sample");
  require(options.image.channels == 3 && options.image.height > 0 && options.image.width > 0,
          "write_packed: images have three channels");
  require(std::ranges::all_of(options.classes, is_plain_name),
          "write_packed: class names must be plain text");
  require(is_distinct(options.classes), "write_packed: class names must differ");
  require(std::ranges::all_of(options.columns, is_plain_name),
          "write_packed: column names must be plain text");
  std::vector<std::string> columns(layout::kOwnColumns.begin(), layout::kOwnColumns.end());
  columns.insert(columns.end(), options.columns.begin(), options.columns.end());
  require(is_distinct(columns), "write_packed: column names must differ, also from lesion and patient");
}

void check_sample(const PackedSample& sample, const PackOptions& options) {
  require(is_plain_name(sample.id), "write_packed: ids must be plain text");
  require(sample.label >= 0 && static_cast<std::size_t>(sample.label) < options.classes.size(),
          "write_packed: a label names no class");
  require(sample.extra.size() == options.columns.size(), "write_packed: one value for each column");
  require(sample.pixels.size() == static_cast<std::size_t>(options.image.count()),
          "write_packed: pixels must fill the image");
}

void collect(const PackedSample& sample, const PackOptions& options, Columns& columns) {
  const SampleFields fields{sample.id,
                            options.classes[static_cast<std::size_t>(sample.label)],
                            sample.lesion,
                            sample.patient,
                            options.image.height,
                            options.image.width};
  const Digest record = sample_record(fields, sha256(std::as_bytes(std::span(sample.pixels))));
  columns.labels.push_back(sample.label);
  columns.splits.push_back(static_cast<std::uint8_t>(sample.split));
  columns.records.insert(columns.records.end(), record.begin(), record.end());
  columns.leaves.push_back(record);
  columns.ids.push_back(sample.id);
  columns.lesions.push_back(sample.lesion);
  columns.patients.push_back(sample.patient);
  for (std::size_t i = 0; i < sample.extra.size(); ++i) columns.extra[i].push_back(sample.extra[i]);
}

void write_columns(store::ContainerWriter& file, const Columns& columns, const PackOptions& options) {
  const auto count = static_cast<std::int64_t>(columns.labels.size());
  file.write<std::int32_t>(layout::kLabels, {count}, columns.labels);
  file.write<std::uint8_t>(layout::kSplits, {count}, columns.splits);
  file.write<std::uint8_t>(layout::kRecords, {count, static_cast<std::int64_t>(sizeof(Digest))},
                           columns.records);
  file.write_strings(layout::kIds, columns.ids);
  file.write_strings(layout::kLesions, columns.lesions);
  file.write_strings(layout::kPatients, columns.patients);
  file.write_strings(layout::kClasses, options.classes);
  if (!options.columns.empty()) file.write_strings(layout::kColumnNames, options.columns);
  for (std::size_t i = 0; i < columns.extra.size(); ++i)
    file.write_strings(layout::column(i), columns.extra[i]);
}

void write_attributes(store::ContainerWriter& file, const PackOptions& options, const Digest& digest) {
  file.attribute("/", "format", layout::kFormatName);
  file.attribute("/", "format_version", std::int64_t{kDatasetFormatVersion});
  file.attribute("/", "mean", std::span<const double>(options.normalization.mean));
  file.attribute("/", "standard_deviation",
                 std::span<const double>(options.normalization.standard_deviation));
  file.attribute("/", "digest", std::string_view(to_hex(digest)));
  file.attribute("/", "import_command", std::string_view(options.import_command));
}

/// Reads the new file as any user will, pixels and all, before it takes its place.
void verify(const std::filesystem::path& path, const Digest& digest) {
  if (Dataset::open(path, true).digest() != digest) {
    throw Error("write packed data set " + path.string() + ": it reads back otherwise; is the disk sound?");
  }
}

}  // namespace

Digest write_packed(const std::filesystem::path& path, const PackOptions& options, std::int64_t count,
                    const std::function<const PackedSample&(std::int64_t)>& samples,
                    const std::function<void()>& when_whole) {
  check_options(options, count);
  Digest digest{};
  const auto write = [&](const std::filesystem::path& temporary) {
    store::ContainerWriter file(temporary);
    Columns columns;
    columns.extra.resize(options.columns.size());
    file.create(layout::kImages, store::Kind::u8, {count, options.image.height, options.image.width, 3});
    for (std::int64_t i = 0; i < count; ++i) {
      const PackedSample& sample = samples(i);
      check_sample(sample, options);
      collect(sample, options, columns);
      file.write_rows(layout::kImages, i, std::as_bytes(std::span(sample.pixels)));
    }
    digest = merkle_root(columns.leaves);
    write_columns(file, columns, options);
    write_attributes(file, options, digest);
    file.close();
  };
  store::write_atomically(path, write, [&](const auto& temporary) {
    verify(temporary, digest);
    if (when_whole) when_whole();
  });
  return digest;
}

}  // namespace cohort::data
