#include "cohort/data/synth.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/data/image.hpp"
#include "cohort/data/manifest.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/synth_field.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;
using testing::contains;

SynthOptions few(const fs::path& output) {
  SynthOptions options;
  options.output = output;
  options.train_images = 14;
  options.test_images = 6;
  options.hidden_images = 5;
  options.size = 32;
  options.seed = 3;
  return options;
}

void draw(const SynthOptions& options) {
  Log log(false);
  synthesize(options, log);
}

/// Every file below a folder with its bytes.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[fs::relative(entry.path(), folder).string()] = store::read_text(entry.path());
  return files;
}

std::string problem_with(const SynthOptions& options) {
  try {
    draw(options);
  } catch (const UsageError& problem) {
    return problem.what();
  }
  return "";
}

TEST(Synth, DrawsThePinnedPixels) {
  const testing::TemporaryFolder folder;
  SynthOptions options = few(folder / "set");
  options.size = 96;
  options.seed = 0;
  draw(options);
  Sha256 hash;
  for (const char* kind : {"images", "masks"})
    for (const char* name : {"SYN_0000001.png", "SYN_0000002.png", "SYN_0000003.png", "SYN_0000025.png"}) {
      const Image image = read_image(folder / "set" / kind / name);
      ASSERT_EQ(image.width, 96);
      ASSERT_EQ(image.height, 96);
      hash.update(std::as_bytes(std::span(image.rgb)));
    }
  EXPECT_EQ(to_hex(hash.finish()), "e5ce278d2f6a575df076709835a427db6529bd1e2d36b798d571c554dc763b2b");
}

TEST(Synth, GivesTheSameFilesForOneAndTwoThreads) {
  const testing::TemporaryFolder folder;
  SynthOptions options = few(folder / "one");
  draw(options);
  options.output = folder / "two";
  options.threads = 2;
  draw(options);
  EXPECT_EQ(contents(folder / "one"), contents(folder / "two"));
  EXPECT_EQ(contents(folder / "one").size(), 51U);  // 25 images, 25 masks, one table

  options.output = folder / "other seed";
  options.seed = 4;
  draw(options);
  const auto one = contents(folder / "one"), other = contents(folder / "other seed");
  EXPECT_NE(one.at("images/SYN_0000001.png"), other.at("images/SYN_0000001.png"));
}

TEST(Synth, DescribesEveryImageInTheTable) {
  const testing::TemporaryFolder folder;
  draw(few(folder / "set"));
  const CsvTable table = read_csv(folder / "set" / "metadata.csv");
  EXPECT_EQ(table.header,
            (std::vector<std::string>{"image_id", "lesion_id", "patient_id", "dx", "split", "asymmetry",
                                      "border", "colour", "diameter_mm", "skin_tone"}));
  ASSERT_EQ(table.rows.size(), 25U);
  std::map<std::string, int> splits;
  for (const auto& row : table.rows) {
    EXPECT_TRUE(fs::exists(folder / "set" / "images" / (row[0] + ".png")));
    EXPECT_TRUE(fs::exists(folder / "set" / "masks" / (row[0] + ".png")));
    EXPECT_TRUE(row[3] == "benign" || row[3] == "melanoma") << row[3];
    ++splits[row[4]];
    const double score = 1.3 * *parse_double(row[5]) + 0.1 * *parse_double(row[6]) +
                         0.5 * *parse_double(row[7]) +
                         0.5 * std::clamp(*parse_double(row[8]) / 2.5, 1.0, 5.0);
    EXPECT_EQ(row[3] == "melanoma", score > 5.1) << row[0];
    EXPECT_GT(std::abs(score - 5.1), 0.34) << row[0];
    const auto tone = parse_int(row[9]);
    EXPECT_TRUE(tone && *tone >= 1 && *tone <= 6) << row[9];
  }
  EXPECT_EQ(splits, (std::map<std::string, int>{{"train", 14}, {"test", 6}, {"hidden", 5}}));
}

TEST(Synth, IsReadableAsASourceOfImages) {
  const testing::TemporaryFolder folder;
  draw(few(folder / "set"));
  const Manifest manifest = read_label_table(folder / "set" / "metadata.csv", folder / "set" / "images");
  EXPECT_EQ(manifest.classes, (std::vector<std::string>{"benign", "melanoma"}));
  EXPECT_EQ(manifest.samples.size(), 25U);
  EXPECT_TRUE(manifest.samples.front().split.has_value());
  EXPECT_FALSE(manifest.samples.front().patient.empty());
}

TEST(Synth, RefusesWhatItCannotDraw) {
  const testing::TemporaryFolder folder;
  SynthOptions options = few(folder / "set");
  options.size = 8;
  options.difficulty = 1.5;
  options.threads = 0;
  const std::string problem = problem_with(options);
  EXPECT_TRUE(contains(problem, "size 8")) << problem;
  options.size = kMinDrawnSize - 1;
  EXPECT_TRUE(contains(problem_with(options), "size 15 is outside 16 to 1024"));
  options.size = kMaxDrawnSize + 1;
  EXPECT_TRUE(contains(problem_with(options), "size 1025 is outside 16 to 1024"));
  for (const int size : {kMinDrawnSize, kMaxDrawnSize}) {
    options.size = size;
    EXPECT_FALSE(contains(problem_with(options), "size")) << size;  // the rest is still refused
  }
  EXPECT_TRUE(contains(problem, "difficulty 1.5")) << problem;
  EXPECT_TRUE(contains(problem, "threads 0")) << problem;
  EXPECT_FALSE(fs::exists(folder / "set"));
  options = few(folder / "set");
  options.train_images = options.test_images = options.hidden_images = 0;
  EXPECT_TRUE(contains(problem_with(options), "no images"));
  options = few(folder / "set");
  options.difficulty = std::nan("");
  EXPECT_TRUE(contains(problem_with(options), "difficulty"));
}

TEST(Synth, ReplacesAnEarlierDrawingOnlyWhenAsked) {
  const testing::TemporaryFolder folder;
  SynthOptions options = few(folder / "set");
  draw(options);
  store::write_text_atomically(folder / "set" / "images" / "mine.txt", "keep");
  options.train_images = 2;
  EXPECT_TRUE(contains(problem_with(options), "--overwrite"));
  EXPECT_TRUE(fs::exists(folder / "set" / "images" / "SYN_0000025.png"));
  options.overwrite = true;
  draw(options);
  EXPECT_FALSE(fs::exists(folder / "set" / "images" / "SYN_0000025.png"));
  EXPECT_FALSE(fs::exists(folder / "set" / "masks" / "SYN_0000025.png"));
  EXPECT_TRUE(fs::exists(folder / "set" / "images" / "mine.txt"));
  EXPECT_EQ(read_csv(folder / "set" / "metadata.csv").rows.size(), 13U);
}

TEST(Synth, DrawsIntoNothingElse) {
  const testing::TemporaryFolder folder;
  SynthOptions options = few(folder / "run");
  options.overwrite = true;
  const auto refuses = [&](const std::string& why) {
    const std::string problem = problem_with(options);
    EXPECT_TRUE(contains(problem, why)) << problem;
  };
  fs::create_directories(folder / "run" / "checkpoints");
  refuses("run holds something else than drawn images");
  fs::rename(folder / "run" / "checkpoints", folder / "run" / "images");
  store::write_text_atomically(folder / "run" / "images" / "photo.png", "mine");
  refuses("run holds something else than drawn images");
  store::write_text_atomically(folder / "run" / "metadata.csv", "image_id,dx\n1,benign\n");
  refuses("run holds something else than drawn images");
  EXPECT_TRUE(fs::exists(folder / "run" / "metadata.csv"));
  options.output = folder / "run" / "metadata.csv";
  refuses("metadata.csv is a file; choose a folder");

  // What was not finished is drawn again, and so is an empty folder.
  options = few(folder / "cut");
  fs::create_directories(folder / "cut");
  draw(options);
  fs::remove(folder / "cut" / "metadata.csv");
  refuses("--overwrite");
  options.overwrite = true;
  draw(options);
}

TEST(SynthField, NoiseIsSmoothAndBounded) {
  double largest_step = 0, low = 1, high = -1;
  for (int i = -2000; i < 2000; ++i) {
    const double here = synth::noise(7, 0.01 * i, 0.3), next = synth::noise(7, 0.01 * (i + 1), 0.3);
    largest_step = std::max(largest_step, std::abs(next - here));
    low = std::min(low, here);
    high = std::max(high, here);
  }
  EXPECT_LT(largest_step, 0.05);
  EXPECT_LT(low, -0.5);
  EXPECT_GT(high, 0.5);
  EXPECT_GE(low, -1);
  EXPECT_LE(high, 1);
}

TEST(SynthField, FloorGoesDown) {
  EXPECT_EQ(synth::floor_of(1.5), 1);
  EXPECT_EQ(synth::floor_of(-1.5), -2);
  EXPECT_EQ(synth::floor_of(-2.0), -2);
  EXPECT_EQ(synth::floor_of(0.0), 0);
}

TEST(SynthField, FindsTheNearestCellAnywhere) {
  for (int i = -50; i < 50; ++i) {
    const synth::Cell cell = synth::find_cell(3, 0.37 * i, -0.21 * i, 0.8);
    EXPECT_LE(cell.nearest, cell.second);
    EXPECT_LT(cell.nearest, 1.2);
    EXPECT_GT(cell.second, 0.0);
  }
}

}  // namespace
}  // namespace cohort::data
