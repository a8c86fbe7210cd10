#include "cohort/round/class_counts.hpp"

#include <gtest/gtest.h>

#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {
namespace {

class ClassCountsFile : public testing::Test {
 protected:
  ClassCountsFile() {
    std::filesystem::remove(path_);
    counts_.schema = kTestSchema;
    counts_.split = "test";
    counts_.model = sha256("model");
    counts_.images = sha256("images");
    counts_.samples = 10;
    counts_.correct = 9;
    counts_.confusion = train::Confusion(2);
    counts_.confusion.counts = {8, 0, 1, 1};  // nine of ten, but only half of the rare class
  }
  ~ClassCountsFile() override { std::filesystem::remove(path_); }

  /// The file with one text replaced.
  void spoil(std::string_view what, std::string_view by) {
    std::string text = store::read_text(path_);
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << text;
    store::write_text_atomically(path_, text.replace(at, what.size(), by));
  }

  const std::filesystem::path path_ =
      testing::TempDir() + testing::UnitTest::GetInstance()->current_test_info()->name() + ".json";
  ClassCounts counts_;
};

TEST_F(ClassCountsFile, ComesBackAsWritten) {
  write_class_counts(path_, counts_);
  const auto read = read_class_counts(path_, counts_.model);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->schema, kTestSchema);
  EXPECT_EQ(read->split, "test");
  EXPECT_EQ(read->images, counts_.images);
  EXPECT_EQ(read->samples, 10);
  EXPECT_EQ(read->correct, 9);
  EXPECT_EQ(read->confusion.counts, counts_.confusion.counts);
  EXPECT_EQ(balanced_text(*read), ", balanced accuracy 0.7500");
}

TEST_F(ClassCountsFile, KeepsThatNothingCouldBeCounted) {
  counts_.correct = 0;
  counts_.confusion = train::Confusion();
  write_class_counts(path_, counts_);
  const auto read = read_class_counts(path_, counts_.model);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->samples, 10);
  EXPECT_EQ(balanced_text(*read), "");
}

TEST_F(ClassCountsFile, IsNothingWhereItDoesNotHold) {
  EXPECT_FALSE(read_class_counts(path_, counts_.model)) << "no file";
  write_class_counts(path_, counts_);
  EXPECT_FALSE(read_class_counts(path_, sha256("another"))) << "of another model";
  struct Damage {
    std::string_view what, by, why;
  };
  for (const auto& [what, by, why] :
       {Damage{"\"correct\": 9", "\"correct\": 8", "does not add up"},
        Damage{"\"samples\": 10", "\"samples\": 11", "does not add up"},
        Damage{"\"confusion\"", "\"confused\"", "of an older version"}, Damage{" 8,", " -8,", "negative"},
        Damage{" 8,", " 9223372036854775807,", "beyond all bounds"}, Damage{" 8,", " 8, 0,", "not square"},
        Damage{"{", "", "no JSON"}}) {
    write_class_counts(path_, counts_);
    ASSERT_TRUE(read_class_counts(path_, counts_.model));
    spoil(what, by);
    EXPECT_FALSE(read_class_counts(path_, counts_.model)) << why;
  }
}

}  // namespace
}  // namespace cohort::round
