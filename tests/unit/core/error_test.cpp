#include "cohort/core/error.hpp"

#include <gtest/gtest.h>

namespace cohort {
namespace {

TEST(Error, CarriesItsExitCode) {
  EXPECT_EQ(Error("x").code(), ExitCode::failed);
  EXPECT_EQ(Error("x", ExitCode::metric_not_reached).code(), ExitCode::metric_not_reached);
  EXPECT_EQ(UsageError("x").code(), ExitCode::usage);
  EXPECT_EQ(DataError("x").code(), ExitCode::data_refused);
  EXPECT_EQ(CheckpointError("x").code(), ExitCode::checkpoint_mismatch);
  EXPECT_STREQ(DataError("row 3 is empty").what(), "row 3 is empty");
}

TEST(Require, ThrowsALogicErrorWithItsMessage) {
  EXPECT_NO_THROW(require(true, "fine"));
  try {
    require(false, "parts must be positive");
    FAIL() << "did not throw";
  } catch (const std::logic_error& e) {
    EXPECT_STREQ(e.what(), "parts must be positive");
  }
}

}  // namespace
}  // namespace cohort
