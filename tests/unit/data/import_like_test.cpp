// Images of another house, packed in the form of a file that others have.
#include <gtest/gtest.h>

#include "cohort/core/error.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/data/import.hpp"
#include "unit/data/image_samples.hpp"
#include "unit/data/import_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::import;
using testing::TemporaryFolder;
using testing::write_file;
namespace fs = std::filesystem;

class ImportLike : public ::testing::Test {
 protected:
  ImportLike() {
    for (int i = 0; i < 20; ++i) {
      const std::string name = std::to_string(i) + ".ppm";
      for (const char* kind : {"benign", "malignant", "unsure"})
        write_file(folder_ / "others" / kind / name, testing::ppm(20, 20, i + 7 * kind[0]));
      // Brighter, and of two classes alone, the first of which is not the first of the others.
      for (const char* kind : {"unsure", "malignant"})
        write_file(folder_ / "own" / kind / name, testing::ppm(30, 30, 150 + i + 7 * kind[0]));
    }
    others_.source = folder_ / "others";
    others_.output = folder_ / "others.h5";
    others_.size = 12;
    import(others_);
    own_.source = folder_ / "own";
    own_.output = folder_ / "own.h5";
    own_.like = others_.output;
  }

  TemporaryFolder folder_;
  ImportOptions others_, own_;
};

TEST_F(ImportLike, TakesOverSizeClassesAndNormalisation) {
  const ImportReport report = import(own_);
  EXPECT_EQ(report.size, 12);
  const Dataset own = Dataset::open(own_.output, true), others = Dataset::open(others_.output);
  EXPECT_EQ(own.image_shape(), others.image_shape());
  EXPECT_EQ(own.classes(), others.classes());
  EXPECT_EQ(own.normalization().mean, others.normalization().mean);
  EXPECT_EQ(own.normalization().standard_deviation, others.normalization().standard_deviation);
  for (std::int64_t i = 0; i < own.size(); ++i) {
    const std::string& name =
        own.classes().at(static_cast<std::size_t>(own.labels()[static_cast<std::size_t>(i)]));
    EXPECT_TRUE(own.id(i).starts_with(name)) << own.id(i) << " is " << name;
  }
}

TEST_F(ImportLike, HasAFormOfItsOwnWithout) {
  own_.like.clear();
  own_.size = 12;
  import(own_);
  const Dataset own = Dataset::open(own_.output), others = Dataset::open(others_.output);
  EXPECT_NE(own.classes(), others.classes());
  EXPECT_NE(own.normalization().mean, others.normalization().mean);
}

TEST_F(ImportLike, RefusesClassesThatTheOthersDoNotHave) {
  write_file(folder_ / "own" / "nevus" / "1.ppm", testing::ppm(30, 30, 3));
  try {
    import(own_);
    FAIL() << "a class without a place was taken";
  } catch (const DataError& e) {
    EXPECT_TRUE(contains(e.what(), "has no class nevus; it has benign, malignant, unsure")) << e.what();
  }
  EXPECT_FALSE(fs::exists(own_.output));
}

TEST_F(ImportLike, RefusesToReplaceWhatItIsLike) {
  own_.output = own_.like;
  own_.overwrite = true;
  EXPECT_THROW(import(own_), UsageError);
}

}  // namespace
}  // namespace cohort::data
