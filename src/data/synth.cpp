#include "cohort/data/synth.hpp"

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/thread_team.hpp"
#include "cohort/core/words.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/png.hpp"
#include "data/synth_plan.hpp"
#include "data/synth_view.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;
using synth::PlannedLesion;
using synth::Purpose;

constexpr int kFitzpatrickTypes = 6;
constexpr std::string_view kTableHeader =
    "image_id,lesion_id,patient_id,dx,split,asymmetry,border,colour,diameter_mm,skin_tone\n";

void check(const SynthOptions& options) {
  std::string problems;
  const auto refuse = [&](bool bad, const std::string& text) {
    if (bad) problems += (problems.empty() ? "" : "; ") + text;
  };
  refuse(options.output.empty(), "no output folder is given");
  refuse(options.train_images < 0 || options.test_images < 0 || options.hidden_images < 0,
         "a number of images is negative");
  refuse(options.train_images <= 0 && options.test_images <= 0 && options.hidden_images <= 0,
         "no images are asked for");
  refuse(options.size < kMinDrawnSize || options.size > kMaxDrawnSize,
         concat("size ", options.size, " is outside ", kMinDrawnSize, " to ", kMaxDrawnSize));
  refuse(!(options.difficulty >= 0 && options.difficulty <= 1),
         concat("difficulty ", options.difficulty, " is outside 0 to 1"));
  refuse(options.threads < 1, concat("threads ", options.threads, " is below 1"));
  if (!problems.empty()) throw UsageError("draw synthetic images: " + problems);
}

/// Removes the files of an earlier drawing, and only those.
void clear_earlier(const fs::path& output) {
  fs::remove(output / "metadata.csv");
  for (const char* folder : {"images", "masks"}) {
    if (!fs::is_directory(output / folder)) continue;
    std::vector<fs::path> ours;
    for (const auto& entry : fs::directory_iterator(output / folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_regular_file() && name.starts_with("SYN_") && name.ends_with(".png"))
        ours.push_back(entry.path());
    }
    for (const fs::path& file : ours) fs::remove(file);
  }
}

/// Whether what is in a folder comes from an earlier drawing: its table does or, where it was not finished,
/// all of it does.
bool holds_earlier(const fs::path& output) {
  if (fs::exists(output / "metadata.csv"))
    return store::read_text(output / "metadata.csv").starts_with(kTableHeader);
  for (const auto& entry : fs::directory_iterator(output)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("metadata.csv.")) continue;  // a killed writer's
    if ((name != "images" && name != "masks") || !entry.is_directory()) return false;
    for (const auto& file : fs::directory_iterator(entry.path()))
      if (!file.path().filename().string().starts_with("SYN_")) return false;
  }
  return true;
}

void prepare_folder(const SynthOptions& options) {
  try {
    const fs::path& output = options.output;
    if (fs::exists(output) && !fs::is_directory(output))
      throw UsageError(concat("draw synthetic images: ", output.string(), " is a file; choose a folder"));
    if (fs::exists(output) && !fs::is_empty(output)) {
      if (!holds_earlier(output))
        throw UsageError(concat("draw synthetic images: ", output.string(),
                                " holds something else than drawn images; choose a new folder"));
      if (!options.overwrite)
        throw UsageError(concat("draw synthetic images: ", output.string(),
                                " already holds images; choose another folder or pass --overwrite"));
      clear_earlier(output);
    }
    fs::create_directories(options.output / "images");
    fs::create_directories(options.output / "masks");
  } catch (const fs::filesystem_error& problem) {
    throw Error(concat("prepare ", options.output.string(), ": ", problem.code().message()));
  }
}

std::string metadata_row(const PlannedLesion& planned, const synth::Person& person, const synth::Signs& signs,
                         std::int64_t image) {
  const int skin_type =
      1 + std::min(kFitzpatrickTypes - 1, static_cast<int>(person.tone * kFitzpatrickTypes));
  const std::vector<std::string> fields = {synth::image_id(image),
                                           planned.lesion_id,
                                           planned.patient_id,
                                           signs.malignant ? "melanoma" : "benign",
                                           std::string(name_of(planned.split)),
                                           format_fixed(signs.asymmetry, 3),
                                           concat(signs.border),
                                           concat(signs.colours),
                                           format_fixed(signs.diameter_mm, 2),
                                           concat(skin_type)};
  return csv_line(fields);
}

/// Draws all images of one lesion, writes them, and returns their rows of metadata.
std::vector<std::string> draw_images(const SynthOptions& options, const PlannedLesion& planned) {
  const auto sequence = [&](Purpose purpose, int lesion, int view) {
    return synth::sequence_for(options.seed, purpose, planned.split, planned.patient, lesion, view);
  };
  const synth::Person person = synth::draw_person(sequence(Purpose::person, 0, 0));
  RandomSequence signs_random = sequence(Purpose::signs, planned.lesion, 0);
  const synth::Signs signs = synth::draw_signs(signs_random, planned.malignant, options.difficulty);
  const synth::Lesion lesion =
      synth::draw_lesion(sequence(Purpose::lesion, planned.lesion, 0), signs, options.difficulty);
  std::vector<std::string> rows;
  for (int image = 0; image < planned.images; ++image) {
    const synth::View view = synth::draw_view(sequence(Purpose::view, planned.lesion, image), person, lesion);
    const synth::Picture picture = synth::paint(person, lesion, view, options.size);
    const std::string file = synth::image_id(planned.first_image + image) + ".png";
    write_bytes(options.output / "images" / file, encode_png(picture.rgb, options.size, options.size, 3));
    write_bytes(options.output / "masks" / file, encode_png(picture.mask, options.size, options.size, 1));
    rows.push_back(metadata_row(planned, person, signs, planned.first_image + image));
  }
  return rows;
}

}  // namespace

void synthesize(const SynthOptions& options, Log& log) {
  check(options);
  prepare_folder(options);
  const std::vector<PlannedLesion> plan = synth::plan_lesions(options);

  // Each lesion has its own files and its own place for its rows, so that order does not matter.
  std::vector<std::vector<std::string>> rows(plan.size());
  std::atomic<std::size_t> done = 0;
  ThreadTeam team(options.threads);
  team.run(static_cast<std::int64_t>(plan.size()), [&](int thread, std::int64_t index) {
    const auto i = static_cast<std::size_t>(index);
    rows[i] = draw_images(options, plan[i]);
    const std::size_t so_far = ++done;
    if (thread != 0 || so_far % 32 != 0) return;
    const std::string line = concat("lesion ", so_far, " of ", plan.size());
    const double share = static_cast<double>(so_far) / static_cast<double>(plan.size());
    log.progress(log.is_terminal() ? concat(progress_bar(share), "  ", line) : line);
  });
  log.end_progress();

  // Written last: without it the folder is no data set.
  std::string table(kTableHeader);
  for (const auto& of_lesion : rows)
    for (const std::string& row : of_lesion) table += row + (row.ends_with('\n') ? "" : "\n");
  store::write_text_atomically(options.output / "metadata.csv", table);
  log.info(concat("drew ", options.train_images, " train, ", options.test_images, " test and ",
                  options.hidden_images, " hidden images of ", plan.size(), " lesions into ",
                  options.output.string()));
}

}  // namespace cohort::data
