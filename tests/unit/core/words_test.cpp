#include "cohort/core/words.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cohort {
namespace {

TEST(Counted, MatchesNounAndNumber) {
  EXPECT_EQ(counted(0, "rank"), "0 ranks");
  EXPECT_EQ(counted(1, "rank"), "1 rank");
  EXPECT_EQ(counted(2, "rank"), "2 ranks");
  EXPECT_EQ(counted(1, "class", "classes"), "1 class");
  EXPECT_EQ(counted(7, "class", "classes"), "7 classes");
}

TEST(ProgressBar, GrowsFromLeftToRight) {
  EXPECT_EQ(progress_bar(0, 10), "[>         ]   0%");
  EXPECT_EQ(progress_bar(0.5, 10), "[=====>    ]  50%");
  EXPECT_EQ(progress_bar(0.999, 10), "[=========>]  99%");
  EXPECT_EQ(progress_bar(1, 10), "[==========] 100%");
}

TEST(ProgressBar, StaysInsideItsBrackets) {
  EXPECT_EQ(progress_bar(-3, 4), "[>   ]   0%");
  EXPECT_EQ(progress_bar(7, 4), "[====] 100%");
  EXPECT_EQ(progress_bar(std::numeric_limits<double>::quiet_NaN(), 4), "[>   ]   0%");
}

}  // namespace
}  // namespace cohort
