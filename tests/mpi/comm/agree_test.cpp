#include "cohort/comm/agree.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

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
    EXPECT_NE(std::string(e.what()).find("internal: unknown error"), std::string::npos) << e.what();
    EXPECT_EQ(e.code(), ExitCode::internal);
  }
}

TEST(Agree, GivesExceptionsTheirWordsAndCodesAsOutsideOfIt) {
  Communicator comm = Communicator::world();
  const int last = comm.ranks() - 1;
  const std::string where = comm.ranks() > 1 ? "decode: rank " + std::to_string(last) + ": " : "decode: ";
  const auto expect = [&](const auto& thrown) {
    try {
      agree(comm, "decode", [&] {
        if (comm.rank() == last) throw thrown;
      });
      ADD_FAILURE() << "did not throw";
    } catch (const AgreedError& e) {
      EXPECT_EQ(e.what(), where + as_error(thrown).what());
      EXPECT_EQ(e.code(), as_error(thrown).code());
    }
  };
  expect(std::bad_alloc());
  expect(std::logic_error("parts must be positive"));
  expect(UsageError("threads: must be at least 1"));
}

TEST(Agree, TurnsACollectiveInsideIntoAnError) {
  Communicator comm = Communicator::world();
  try {
    agree(comm, "open shard", [&] { return comm.rank() == 0 ? comm.sum(1) : 0; });
    ADD_FAILURE() << "did not throw";
  } catch (const AgreedError& e) {
    EXPECT_NE(std::string(e.what()).find("a collective was called inside local work"), std::string::npos);
    EXPECT_EQ(e.code(), ExitCode::internal);
  }
  EXPECT_EQ(comm.sum(1), comm.ranks());
}

}  // namespace
}  // namespace cohort::comm
