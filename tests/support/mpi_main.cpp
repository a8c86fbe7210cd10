// main() of tests that run under mpirun. Every rank runs every test, in the same order.
//   EXPECT_* that fails on one rank fails the test on all of them; each failing rank says where.
//   ASSERT_* that fails, or an exception that escapes, ends the job: other ranks may already wait in a
//   collective.
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdio>

#include "cohort/comm/session.hpp"

namespace {

class RankListener final : public testing::EmptyTestEventListener {
 public:
  explicit RankListener(int rank) : rank_(rank) {}

  [[nodiscard]] int passed() const { return passed_; }
  [[nodiscard]] int failed() const { return failed_; }

 private:
  void OnTestPartResult(const testing::TestPartResult& part) override {
    if (!part.failed()) return;
    std::fprintf(stderr, "rank %d: %s:%d: %s\n", rank_, part.file_name() ? part.file_name() : "unknown file",
                 part.line_number(), part.message());
    std::fflush(stderr);
    if (part.fatally_failed()) MPI_Abort(MPI_COMM_WORLD, 1);
  }

  void OnTestEnd(const testing::TestInfo& test) override {
    int has_failed = test.result()->Failed() ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &has_failed, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    ++(has_failed ? failed_ : passed_);
    if (rank_ != 0) return;
    std::printf("%s %s.%s\n", has_failed ? "FAIL" : "ok  ", test.test_suite_name(), test.name());
    std::fflush(stdout);
  }

  int rank_;
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const cohort::comm::Session session(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  testing::TestEventListeners& listeners = testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  auto* const listener = new RankListener(session.rank());  // the listeners own it
  listeners.Append(listener);
  const bool is_well = RUN_ALL_TESTS() == 0;
  if (session.rank() == 0) {
    std::printf("%d passed, %d failed (%d ranks)\n", listener->passed(), listener->failed(), session.ranks());
  }
  // No test at all is a mistake in a name or a filter, not a success.
  return is_well && listener->failed() == 0 && listener->passed() > 0 ? 0 : 1;
}
