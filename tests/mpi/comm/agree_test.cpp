#include "cohort/comm/agree.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace cohort::comm {
namespace {

TEST(Agree, ReturnsWhatEachRankMade) {
  Communicator comm = Communicator::world();
  EXPECT_EQ(agree(comm, "count", [&] { return comm.rank() * 2; }), comm.rank() * 2);
  bool ran = false;
  agree(comm, "run", [&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(Agree, ReturnsMoveOnlyValues) {
  Communicator comm = Communicator::world();
  const std::unique_ptr<int> made = agree(comm, "make", [&] { return std::make_unique<int>(comm.rank()); });
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, comm.rank());
}

TEST(Agree, ThrowsOnAllWithTheWordsOfTheLowestRankThatFailed) {
  Communicator comm = Communicator::world();
  const auto open = [&] {
    if (comm.rank() == 1) throw DataError("train.h5: no such file");
    if (comm.rank() == 2) throw CheckpointError("last.h5: digest differs");
    return 1;
  };
  if (comm.ranks() == 1) {
    EXPECT_EQ(agree(comm, "open shard", open), 1);
    return;
  }
  try {
    agree(comm, "open shard", open);
    ADD_FAILURE() << "did not throw";
  } catch (const AgreedError& e) {
    EXPECT_STREQ(e.what(), "open shard: rank 1: train.h5: no such file");
    EXPECT_EQ(e.code(), ExitCode::data_refused);
  }
  EXPECT_EQ(comm.sum(1), comm.ranks());  // all are still in step
}

TEST(Agree, HandlesExceptionsWithoutWordsOrCode) {
  Communicator comm = Communicator::world();
  const int last = comm.ranks() - 1;
  try {
    agree(comm, "decode", [&] {
      if (comm.rank() == last) throw std::runtime_error("");
    });
    ADD_FAILURE() << "did not throw";
  } catch (const AgreedError& e) {
    EXPECT_NE(std::string(e.what()).find("unknown error"), std::string::npos) << e.what();
    EXPECT_EQ(e.code(), ExitCode::failed);
  }
}

TEST(Agree, TurnsACollectiveInsideIntoAnError) {
  Communicator comm = Communicator::world();
  try {
    agree(comm, "open shard", [&] { return comm.rank() == 0 ? comm.sum(1) : 0; });
    ADD_FAILURE() << "did not throw";
  } catch (const AgreedError& e) {
    EXPECT_NE(std::string(e.what()).find("a collective was called inside local work"), std::string::npos);
  }
  EXPECT_EQ(comm.sum(1), comm.ranks());
}

}  // namespace
}  // namespace cohort::comm
