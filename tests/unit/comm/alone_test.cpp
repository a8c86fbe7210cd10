// What works in a process that never starts MPI.
#include <gtest/gtest.h>

#include <stdexcept>

#include "cohort/comm/agree.hpp"
#include "cohort/comm/communicator.hpp"
#include "cohort/comm/session.hpp"

namespace cohort::comm {
namespace {

TEST(Alone, EveryCollectiveGivesBackItsOwn) {
  Communicator comm = Communicator::self();
  EXPECT_EQ(comm.rank(), 0);
  EXPECT_EQ(comm.ranks(), 1);
  EXPECT_TRUE(comm.is_root());
  EXPECT_EQ(comm.sum(5), 5);
  EXPECT_EQ(comm.min(-5), -5);
  EXPECT_EQ(comm.max(7), 7);
  EXPECT_EQ(comm.broadcast(std::string_view("text")), "text");
  EXPECT_EQ(comm.all_gather(std::string_view("mine")), std::vector<std::string>{"mine"});
  EXPECT_EQ(comm.all_gather(3), std::vector<std::int64_t>{3});
}

TEST(Alone, BuffersStayAsTheyAre) {
  Communicator comm = Communicator::self();
  const std::vector<std::int64_t> offsets = {0, 3};
  const std::vector<std::int64_t> expected = {1, 2, 3};
  std::vector<std::int64_t> integers = expected;
  comm.sum(integers);
  comm.reduce_scatter_parts(integers, offsets);
  comm.broadcast(std::span(integers));
  EXPECT_EQ(integers, expected);
  std::vector<float> floats = {1, 2, 3};
  comm.all_gather_parts(floats, offsets);
  EXPECT_EQ(floats, (std::vector<float>{1, 2, 3}));
}

TEST(Alone, RefusesARootThatDoesNotExist) {
  Communicator comm = Communicator::self();
  EXPECT_THROW(static_cast<void>(comm.broadcast(std::string_view("x"), 1)), std::logic_error);
}

TEST(Alone, SplitsIntoItself) {
  Communicator part = Communicator::self().split(4);
  EXPECT_EQ(part.ranks(), 1);
  EXPECT_EQ(part.sum(2), 2);
}

TEST(Alone, AgreesWithItself) {
  Communicator comm = Communicator::self();
  EXPECT_EQ(agree(comm, "count", [] { return 5; }), 5);
  try {
    agree(comm, "open shard", [] { throw DataError("train.h5: no such file"); });
    FAIL() << "did not throw";
  } catch (const AgreedError& e) {
    EXPECT_STREQ(e.what(), "open shard: train.h5: no such file");
    EXPECT_EQ(e.code(), ExitCode::data_refused);
  }
}

TEST(Alone, CannotCommunicateInsideLocalWork) {
  Communicator comm = Communicator::self();
  EXPECT_THROW(agree(comm, "open shard", [&] { comm.sum(1); }), AgreedError);
}

TEST(Launcher, IsReadFromTheEnvironment) {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) unsetenv(name);
  EXPECT_FALSE(started_by_launcher());
  EXPECT_EQ(launcher_rank(), 0);
  setenv("PMI_RANK", "7", 1);
  EXPECT_TRUE(started_by_launcher());
  EXPECT_EQ(launcher_rank(), 7);
  unsetenv("PMI_RANK");
}

TEST(Launcher, VersionIsOneLine) {
  EXPECT_FALSE(library_version().empty());
  EXPECT_EQ(library_version().find('\n'), std::string::npos);
}

TEST(CutAtBoundaries, CutsEvenlyWhereItMay) {
  const std::vector<std::int64_t> boundaries = {0, 10, 20, 30, 40, 50, 60};
  EXPECT_EQ(cut_at_boundaries(boundaries, 1), (std::vector<std::int64_t>{0, 60}));
  EXPECT_EQ(cut_at_boundaries(boundaries, 2), (std::vector<std::int64_t>{0, 30, 60}));
  EXPECT_EQ(cut_at_boundaries(boundaries, 3), (std::vector<std::int64_t>{0, 20, 40, 60}));
  // Even cuts at 15, 30, 45: halfway goes down.
  EXPECT_EQ(cut_at_boundaries(boundaries, 4), (std::vector<std::int64_t>{0, 10, 30, 40, 60}));
}

TEST(CutAtBoundaries, LeavesRangesEmptyRatherThanCutInside) {
  EXPECT_EQ(cut_at_boundaries(std::vector<std::int64_t>{0, 5}, 3), (std::vector<std::int64_t>{0, 0, 5, 5}));
  EXPECT_EQ(cut_at_boundaries(std::vector<std::int64_t>{0, 1, 100}, 2),
            (std::vector<std::int64_t>{0, 1, 100}));
  EXPECT_EQ(cut_at_boundaries(std::vector<std::int64_t>{0}, 2), (std::vector<std::int64_t>{0, 0, 0}));
}

TEST(CutAtBoundaries, SurvivesLargeCounts) {
  const std::int64_t large = std::int64_t{1} << 60;
  EXPECT_EQ(cut_at_boundaries(std::vector<std::int64_t>{0, large / 2, large}, 2),
            (std::vector<std::int64_t>{0, large / 2, large}));
}

TEST(CutAtBoundaries, RefusesBoundariesThatDoNotAscendFromZero) {
  EXPECT_THROW(cut_at_boundaries(std::vector<std::int64_t>{}, 2), std::logic_error);
  EXPECT_THROW(cut_at_boundaries(std::vector<std::int64_t>{1, 2}, 2), std::logic_error);
  EXPECT_THROW(cut_at_boundaries(std::vector<std::int64_t>{0, 2, 1}, 2), std::logic_error);
  EXPECT_THROW(cut_at_boundaries(std::vector<std::int64_t>{0, 2}, 0), std::logic_error);
}

}  // namespace
}  // namespace cohort::comm
