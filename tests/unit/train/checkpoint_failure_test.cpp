#include "train/checkpoint_failure.hpp"

#include <gtest/gtest.h>

#include <new>
#include <string>
#include <typeinfo>

#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/checkpoint.hpp"
#include "support/tiny_run.hpp"

namespace cohort::train {
namespace {

namespace fs = std::filesystem;

class CheckpointFailure : public testing::Test {
 protected:
  CheckpointFailure() { store::append_line(path_, "a file that can be read"); }

  /// Expects that `thrown` while reading ends in exactly a T with these words behind the file's name.
  template <typename T, typename Thrown>
  void expect(const Thrown& thrown, const std::string& words, ExitCode code) const {
    try {
      reading(path_, [&]() -> int { throw thrown; });
      ADD_FAILURE() << "did not throw";
    } catch (const Error& e) {
      EXPECT_EQ(typeid(e), typeid(T)) << e.what();
      EXPECT_EQ(e.what(), concat("read checkpoint ", path_.string(), ": ", words));
      EXPECT_EQ(e.code(), code);
    }
  }

  const tests::TemporaryFolder folder_{"checkpoint-failure"};
  const fs::path path_ = folder_.path() / "last.h5";
};

TEST_F(CheckpointFailure, PassesResultsOn) {
  EXPECT_EQ(reading(path_, [] { return 7; }), 7);
}

TEST_F(CheckpointFailure, TakesWrongContentsForDamage) {
  expect<DamagedError>(DataError("x is missing"), "x is missing", ExitCode::checkpoint_mismatch);
  expect<DamagedError>(CheckpointError("another digest"), "another digest", ExitCode::checkpoint_mismatch);
}

TEST_F(CheckpointFailure, TakesNothingElseForDamage) {
  expect<CheckpointError>(OtherProgramError("numerics_version 2"), "numerics_version 2",
                          ExitCode::checkpoint_mismatch);
  expect<CheckpointError>(UsageError("unknown model"), "unknown model", ExitCode::checkpoint_mismatch);
  expect<CheckpointError>(Error("open: Stale file handle"), "open: Stale file handle",
                          ExitCode::checkpoint_mismatch);
  expect<CheckpointError>(fs::filesystem_error("status", std::make_error_code(std::errc::io_error)),
                          "status: Input/output error", ExitCode::checkpoint_mismatch);
  expect<Error>(std::bad_alloc(), "out of memory; use fewer threads, a smaller micro-batch or more ranks",
                ExitCode::failed);
  expect<Error>(std::logic_error("a mistake"), "internal: a mistake", ExitCode::internal);
}

TEST_F(CheckpointFailure, KnowsNothingOfContentsThatItCannotRead) {
  fs::remove(path_);
  expect<CheckpointError>(DataError("x is missing"), "No such file or directory",
                          ExitCode::checkpoint_mismatch);
}

}  // namespace
}  // namespace cohort::train
