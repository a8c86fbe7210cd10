// Imports of whole sources: tables, folders and, where they are at hand, real data sets.
#include <gtest/gtest.h>

#include <algorithm>

#include "cohort/core/stopwatch.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/csv.hpp"
#include "cohort/data/dataset.hpp"
#include "unit/data/import_support.hpp"

namespace cohort::data {
namespace {

using testing::import;
using testing::TemporaryFolder;
using testing::warns;
using testing::write_file;

TEST(ImportOfSources, StandsAConstantPicture) {
  const TemporaryFolder folder;
  for (int i = 0; i < 4; ++i) {
    const std::string black = "P6\n1 1\n255\n" + std::string(2, '\0') + static_cast<char>(i);
    write_file(folder / concat("source/", i % 2 ? "a/" : "b/", i, ".ppm"), black);
  }
  ImportOptions options;
  options.source = folder / "source";
  options.output = folder / "set.h5";
  options.size = 2;
  options.split.fractions = {1, 0, 0, 0};
  EXPECT_TRUE(warns(import(options), "colour channel 0 hardly varies"));
  EXPECT_EQ(Dataset::open(options.output).normalization().standard_deviation[0], 1.0);
}

TEST(ImportOfSources, ReadsAnIsicTableInOneGo) {
  const TemporaryFolder folder;
  std::string table = "image,MEL,NV,lesion_id,split\n";
  for (int i = 0; i < 40; ++i) {
    write_file(folder / concat("set/images/ISIC_", i, ".ppm"), testing::ppm(9, 9, i));
    table +=
        concat("ISIC_", i, i % 4 ? ",0.0,1.0" : ",1.0,0.0", ",L", i / 2, i < 30 ? ",train\n" : ",test\n");
  }
  write_file(folder / "set/truth.csv", table);
  ImportOptions options;
  options.source = folder / "set";
  options.output = folder / "set.h5";
  options.size = 9;
  const ImportReport report = import(options);
  EXPECT_EQ(report.classes, (std::vector<std::string>{"MEL", "NV"}));
  const Dataset dataset = Dataset::open(options.output);
  EXPECT_EQ(dataset.indices(Split::test).size(), 10U);
  EXPECT_NEAR(static_cast<double>(dataset.indices(Split::validation).size()), 30 * 0.1 / 0.8, 2);
  EXPECT_EQ(dataset.id(0), "ISIC_0");
  EXPECT_EQ(std::string(dataset.pixels(0).begin(), dataset.pixels(0).end()),
            testing::ppm(9, 9, 0).substr(11));
}

TEST(ImportOfSources, ReadsTheWordNetSample) {
  const auto source = testing::shared_data("wordnet-sample");
  if (!source) GTEST_SKIP() << "the shared data wordnet-sample is not here; see COHORT_SHARED_DATA";
  const TemporaryFolder folder;
  ImportOptions options;
  options.source = *source;
  options.output = folder / "set.h5";
  options.size = 32;
  const ImportReport report = import(options);
  EXPECT_EQ(report.samples, 500);
  EXPECT_EQ(report.classes.size(), 10U);
  EXPECT_TRUE(report.quarantined.empty());
}

TEST(ImportOfSources, ReadsTheWholeOfHam10000) {
  const auto source = testing::shared_data("ham10000");
  if (!source) GTEST_SKIP() << "the shared data set ham10000 is not here; see COHORT_SHARED_DATA";
  const TemporaryFolder folder;
  ImportOptions options;
  options.source = *source;
  options.output = folder / "ham.h5";
  options.joins = {*source / "acquisition_source.csv"};
  options.size = 28;
  options.threads = 2;
  const Stopwatch stopwatch;
  const ImportReport report = import(options);
  RecordProperty("import_ms", static_cast<int>(1000 * stopwatch.elapsed_s()));
  EXPECT_EQ(report.samples, 10015);
  EXPECT_EQ(report.classes.size(), 7U);
  EXPECT_EQ(report.leaks.lesions, 7470);
  EXPECT_EQ(report.leaks.shared_lesions + report.leaks.shared_patients + report.leaks.shared_pixels, 0);
  EXPECT_TRUE(report.quarantined.empty());
  const std::vector<std::pair<std::string, std::string>> pairs{{"ISIC_0024366", "ISIC_0029861"},
                                                               {"ISIC_0024777", "ISIC_0029938"}};
  EXPECT_EQ(report.identical, pairs);
  const Dataset dataset = Dataset::open(options.output);
  EXPECT_EQ(dataset.column_names().back(), "source");
  EXPECT_EQ(std::ranges::count(dataset.column("source"), "vienna_dias") +
                std::ranges::count(Dataset::open(folder / "ham.hidden.h5").column("source"), "vienna_dias"),
            439);
}

}  // namespace
}  // namespace cohort::data
