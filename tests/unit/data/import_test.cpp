#include "cohort/data/import.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/data/dataset.hpp"
#include "unit/data/image_samples.hpp"
#include "unit/data/import_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::import;
using testing::TemporaryFolder;
using testing::warns;
using testing::write_file;
namespace fs = std::filesystem;

/// A stranger's folder: two classes, mixed sizes, no lesions, no patients.
class StrangersFolder : public ::testing::Test {
 protected:
  static constexpr int kPerClass = 40;
  StrangersFolder() {
    for (int i = 0; i < kPerClass; ++i) {
      const std::string name = std::to_string(i) + ".ppm";
      write_file(source_ / "benign" / name, testing::ppm(20 + i % 7, 18 + i % 5, i));
      write_file(source_ / "malignant" / name, testing::ppm(33, 21 + i % 9, 100 + i));
    }
    options_.source = source_;
    options_.output = folder_ / "out/set.h5";
    options_.size = 8;
  }
  TemporaryFolder folder_;
  fs::path source_ = folder_ / "lesions";
  ImportOptions options_;
};

TEST_F(StrangersFolder, WorksAndWarns) {
  const ImportReport report = import(options_);
  EXPECT_EQ(report.samples, 2 * kPerClass);
  EXPECT_EQ(report.classes, (std::vector<std::string>{"benign", "malignant"}));
  EXPECT_TRUE(warns(report, "no image has a lesion or patient id"));
  EXPECT_TRUE(report.quarantined.empty());
  EXPECT_TRUE(report.identical.empty());
  EXPECT_EQ(report.leaks.groups, 2 * kPerClass);

  const Dataset dataset = Dataset::open(options_.output, true);
  EXPECT_EQ(dataset.digest(), report.digest);
  EXPECT_EQ(dataset.image_shape(), (Shape{3, 8, 8}));
  for (const auto& counts : report.leaks.class_counts) {
    EXPECT_EQ(counts, (std::array<std::int64_t, kSplits>{28, 4, 6, 2}));
  }
}

TEST_F(StrangersFolder, KeepsHiddenSamplesApart) {
  const ImportReport report = import(options_);
  ASSERT_TRUE(report.has_hidden_file);
  const Dataset main = Dataset::open(options_.output, true);
  const Dataset hidden = Dataset::open(folder_ / "out/set.hidden.h5", true);
  EXPECT_TRUE(main.indices(Split::hidden).empty());
  EXPECT_EQ(hidden.indices(Split::hidden).size(), static_cast<std::size_t>(hidden.size()));
  EXPECT_EQ(hidden.size(), 4);
  EXPECT_EQ(main.size() + hidden.size(), report.samples);
  EXPECT_EQ(hidden.digest(), report.hidden_digest);
  EXPECT_EQ(hidden.normalization().mean, main.normalization().mean);
  EXPECT_EQ(hidden.classes(), main.classes());
  std::set<std::string> ids;
  for (std::int64_t i = 0; i < main.size(); ++i) ids.insert(main.id(i));
  for (std::int64_t i = 0; i < hidden.size(); ++i) EXPECT_FALSE(ids.contains(hidden.id(i)));
}

TEST_F(StrangersFolder, NormalisesByTheTrainingPixelsAlone) {
  import(options_);
  const Dataset dataset = Dataset::open(options_.output);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    double sum = 0, squares = 0, count = 0;
    for (const std::int32_t index : dataset.indices(Split::train)) {
      const auto pixels = dataset.pixels(index);
      for (std::size_t i = channel; i < pixels.size(); i += 3) {
        sum += pixels[i] / 255.0;
        squares += pixels[i] / 255.0 * (pixels[i] / 255.0);
        ++count;
      }
    }
    const double mean = sum / count;
    EXPECT_NEAR(dataset.normalization().mean[channel], mean, 1e-12);
    EXPECT_NEAR(dataset.normalization().standard_deviation[channel], std::sqrt(squares / count - mean * mean),
                1e-10);
  }
}

TEST_F(StrangersFolder, GivesTheSameBytesOnAnyNumberOfThreads) {
  import(options_);
  const std::string main = testing::read_file(options_.output);
  const std::string hidden = testing::read_file(folder_ / "out/set.hidden.h5");
  for (const int threads : {2, 3, 7, 200}) {
    ImportOptions again = options_;
    again.threads = threads;
    again.output = folder_ / concat("out", threads) / "set.h5";
    import(again);
    EXPECT_TRUE(testing::read_file(again.output) == main) << threads;
    EXPECT_TRUE(testing::read_file(folder_ / concat("out", threads, "/set.hidden.h5")) == hidden) << threads;
  }
}

TEST_F(StrangersFolder, ListsAllBrokenFilesAndWritesNothing) {
  const std::string jpeg = testing::from_hex(samples::kJpeg);
  write_file(source_ / "benign/cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  write_file(source_ / "benign/nothing.jpg", "");
  write_file(source_ / "malignant/text.jpg", "remember to take pictures");
  options_.threads = 2;
  const std::string message = testing::message_of<DataError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "3 problems")) << message;
  EXPECT_TRUE(contains(message, "cut.jpg: truncated")) << message;
  EXPECT_TRUE(contains(message, "nothing.jpg: empty")) << message;
  EXPECT_TRUE(contains(message, "text.jpg: not an image")) << message;
  EXPECT_TRUE(fs::is_empty(folder_ / "out")) << "not even a scratch file";
}

TEST_F(StrangersFolder, SetsBrokenFilesAsideWhenAsked) {
  const std::string jpeg = testing::from_hex(samples::kJpeg);
  write_file(source_ / "benign/cut.jpg", jpeg.substr(0, jpeg.size() / 2));
  write_file(source_ / "malignant/a,b.jpg", "x");
  options_.broken = BrokenFiles::quarantine;
  const ImportReport report = import(options_);
  EXPECT_EQ(report.samples, 2 * kPerClass);
  EXPECT_EQ(report.quarantined.size(), 2U);
  const CsvTable table = read_csv(folder_ / "out/set.quarantine.csv");
  EXPECT_EQ(table.header, (std::vector<std::string>{"file", "reason"}));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_TRUE(contains(table.rows[0][0], "benign/cut.jpg"));
  EXPECT_TRUE(contains(table.rows[0][1], "truncated"));
  EXPECT_TRUE(contains(table.rows[1][0], "malignant/a,b.jpg"));
  EXPECT_TRUE(warns(report, "2 files were set aside"));
  EXPECT_NO_THROW(Dataset::open(options_.output, true));
}

TEST_F(StrangersFolder, RefusesAClassOfBrokenFilesOnly) {
  write_file(source_ / "third/x.jpg", "x");
  options_.broken = BrokenFiles::quarantine;
  const std::string message = testing::message_of<DataError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "no usable image is left of class 'third'")) << message;
}

TEST_F(StrangersFolder, KeepsEqualImagesOfOneClassTogether) {
  const std::string picture = testing::ppm(30, 30, 77);
  for (int i = 0; i < 20; ++i) write_file(source_ / "benign" / concat("twin", i, ".ppm"), picture);
  const ImportReport report = import(options_);
  EXPECT_EQ(report.identical.size(), 19U);
  EXPECT_EQ(report.identical[0].first, "benign/twin0.ppm");
  EXPECT_EQ(report.leaks.shared_pixels, 0);
  EXPECT_EQ(report.leaks.groups, 2 * kPerClass + 1);
  EXPECT_TRUE(warns(report, "19 pairs of images have the same pixels"));
  const Dataset dataset = Dataset::open(options_.output);
  std::set<Split> splits;
  int found = 0;
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    if (!contains(dataset.id(i), "twin")) continue;
    splits.insert(dataset.split(i));
    ++found;
  }
  EXPECT_EQ(found, 20);
  EXPECT_EQ(splits.size(), 1U);
}

TEST_F(StrangersFolder, SetsEqualImagesWithDifferentLabelsAside) {
  const std::string picture = testing::ppm(30, 30, 77);
  write_file(source_ / "benign/x.ppm", picture);
  write_file(source_ / "benign/y.ppm", picture);
  write_file(source_ / "malignant/z.ppm", picture);
  const ImportReport report = import(options_);
  EXPECT_EQ(report.samples, 2 * kPerClass);
  ASSERT_EQ(report.quarantined.size(), 3U);
  EXPECT_TRUE(contains(report.quarantined[2].file.string(), "malignant/z.ppm"));
  EXPECT_TRUE(contains(report.quarantined[2].reason, "same pixels as benign/x.ppm"));
  EXPECT_TRUE(fs::exists(folder_ / "out/set.quarantine.csv"));
}

TEST_F(StrangersFolder, DoesNotOverwriteUnasked) {
  import(options_);
  const std::string first = testing::read_file(options_.output);
  options_.split.seed = 5;
  const std::string message = testing::message_of<UsageError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "set.h5 exists already")) << message;
  EXPECT_TRUE(testing::read_file(options_.output) == first);

  write_file(folder_ / "out/set.quarantine.csv", "file,reason\nold,old\n");
  options_.overwrite = true;
  options_.split.fractions = {0.7, 0.1, 0.2, 0};
  EXPECT_FALSE(import(options_).has_hidden_file);
  EXPECT_FALSE(testing::read_file(options_.output) == first);
  EXPECT_FALSE(fs::exists(folder_ / "out/set.hidden.h5"))
      << "a stale hidden part would belong to another split";
  EXPECT_FALSE(fs::exists(folder_ / "out/set.quarantine.csv"));
}

TEST_F(StrangersFolder, KeepsTheOldFilesWhenTheNewOnesFail) {
  import(options_);
  const std::string first = testing::read_file(options_.output);
  write_file(source_ / "benign/broken.jpg", "x");
  options_.overwrite = true;
  EXPECT_THROW(import(options_), DataError);
  EXPECT_TRUE(testing::read_file(options_.output) == first);
  EXPECT_TRUE(fs::exists(folder_ / "out/set.hidden.h5"));
}

TEST_F(StrangersFolder, RefusesSillyOptions) {
  const auto refused = [&](const std::function<void(ImportOptions&)>& change) {
    ImportOptions options = options_;
    change(options);
    EXPECT_THROW(import(options), UsageError);
  };
  refused([](ImportOptions& o) { o.size = kMinPackedSize - 1; });
  refused([](ImportOptions& o) { o.size = kMaxPackedSize + 1; });
  refused([](ImportOptions& o) { o.threads = 0; });
  refused([](ImportOptions& o) { o.output = "set.npz"; });
  refused([](ImportOptions& o) { o.split.fractions = {1, 1, 0, 0}; });
}

TEST_F(StrangersFolder, TakesLesionsFromAJoinedTable) {
  std::string table = "image,lesion_id,site\n";
  for (int i = 0; i < kPerClass; ++i) {
    table += concat("benign/", i, ",B", i / 4, ",x\n", "malignant/", i, ".ppm,M", i / 2, ",y\n");
  }
  options_.joins = {write_file(folder_ / "lesions.csv", table)};
  const ImportReport report = import(options_);
  EXPECT_EQ(report.leaks.lesions, 30);
  EXPECT_EQ(report.leaks.groups, 30);
  EXPECT_EQ(report.leaks.shared_lesions, 0);
  EXPECT_FALSE(warns(report, "lesion or patient id"));
  EXPECT_EQ(Dataset::open(options_.output).column("site")[0], "x");
}

TEST_F(StrangersFolder, ImportsATestSetWithoutTraining) {
  options_.split.fractions = {0, 0, 1, 0};
  const ImportReport report = import(options_);
  EXPECT_TRUE(warns(report, "no sample trains"));
  EXPECT_EQ(Dataset::open(options_.output).indices(Split::test).size(), 80U);
}

}  // namespace
}  // namespace cohort::data
