#include "cohort/core/failure.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <stdexcept>

namespace cohort {
namespace {

namespace fs = std::filesystem;

fs::filesystem_error trouble(const char* doing, const char* path, std::errc reason) {
  return {doing, path, std::make_error_code(reason)};
}

TEST(AsError, KeepsWordsAndCodeOfOurOwn) {
  EXPECT_STREQ(as_error(DataError("row 3 is empty")).what(), "row 3 is empty");
  EXPECT_EQ(as_error(DataError("x")).code(), ExitCode::data_refused);
  EXPECT_EQ(as_error(Error("x", ExitCode::metric_not_reached)).code(), ExitCode::metric_not_reached);
}

TEST(AsError, SaysWhatToTryWhenMemoryRunsOut) {
  const Error error = as_error(std::bad_alloc());
  EXPECT_STREQ(error.what(), "out of memory; use fewer threads, a smaller micro-batch or more ranks");
  EXPECT_EQ(error.code(), ExitCode::failed);
}

TEST(AsError, TellsTheLibrarysErrorsLikeOurOwn) {
  const Error read_only =
      as_error(trouble("cannot create directories", "ro/x", std::errc::read_only_file_system));
  EXPECT_STREQ(read_only.what(),
               "ro/x: cannot create directories: Read-only file system; name a place that you may write to");
  EXPECT_EQ(read_only.code(), ExitCode::failed);
  EXPECT_STREQ(as_error(trouble("cannot copy file", "a", std::errc::no_space_on_device)).what(),
               "a: cannot copy file: No space left on device");
  // What was only looked at is an input: no place to write to.
  const Error input = as_error(trouble("status", "run/status.json", std::errc::permission_denied));
  EXPECT_STREQ(input.what(), "run/status.json: status: Permission denied");
  EXPECT_EQ(input.code(), ExitCode::data_refused);
}

TEST(AsError, KeepsTheSystemsReason) {
  const Error error =
      as_error(std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again), "thread"));
  EXPECT_STREQ(error.what(), "thread: Resource temporarily unavailable");
  EXPECT_EQ(error.code(), ExitCode::failed);
}

TEST(AsError, CallsTheRestAMistakeInThisProgram) {
  EXPECT_STREQ(as_error(std::logic_error("parts must be positive")).what(),
               "internal: parts must be positive");
  EXPECT_EQ(as_error(std::logic_error("x")).code(), ExitCode::internal);
  EXPECT_STREQ(as_error(std::runtime_error("")).what(), "internal: unknown error");
}

}  // namespace
}  // namespace cohort
