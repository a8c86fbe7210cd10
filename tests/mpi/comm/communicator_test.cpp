#include "cohort/comm/communicator.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "cohort/core/text.hpp"

namespace cohort::comm {
namespace {

TEST(Communicator, KnowsItsPlace) {
  Communicator comm = Communicator::world();
  EXPECT_GE(comm.rank(), 0);
  EXPECT_LT(comm.rank(), comm.ranks());
  EXPECT_EQ(comm.is_root(), comm.rank() == 0);
}

TEST(Communicator, SumsSingleValues) {
  Communicator comm = Communicator::world();
  const std::int64_t ranks = comm.ranks();
  EXPECT_EQ(comm.sum(comm.rank() + 1), ranks * (ranks + 1) / 2);
  EXPECT_EQ(comm.min(comm.rank() + 10), 10);
  EXPECT_EQ(comm.max(-comm.rank()), 0);
  EXPECT_EQ(comm.max(comm.rank()), ranks - 1);
}

TEST(Communicator, SumsBuffers) {
  Communicator comm = Communicator::world();
  std::vector<std::int64_t> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = (comm.rank() + 1) * (static_cast<std::int64_t>(i) - 500);
  }
  comm.sum(values);
  const std::int64_t factor = std::int64_t{comm.ranks()} * (comm.ranks() + 1) / 2;
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(values[i], factor * (static_cast<std::int64_t>(i) - 500));
  }
  comm.sum(std::span<std::int64_t>());
}

TEST(Communicator, WrapsLikeTheIntegersItSums) {
  Communicator comm = Communicator::world();
  if (comm.ranks() < 3) return;
  // Partial sums may leave the range as long as the total does not.
  const std::int64_t large = INT64_MAX - 100;
  const std::int64_t given[] = {large, 200, -200};
  EXPECT_EQ(comm.sum(comm.rank() < 3 ? given[comm.rank()] : 0), large);
}

TEST(Communicator, BroadcastsFromEachRoot) {
  Communicator comm = Communicator::world();
  for (int root = 0; root < comm.ranks(); ++root) {
    std::vector<double> values(777, comm.rank());
    comm.broadcast(std::span(values), root);
    for (const double value : values) EXPECT_EQ(value, root);
    const std::string text =
        concat("from rank ", comm.rank(), std::string(static_cast<std::size_t>(root), '!'));
    EXPECT_EQ(comm.broadcast(text, root),
              concat("from rank ", root, std::string(static_cast<std::size_t>(root), '!')));
  }
  EXPECT_EQ(comm.broadcast(std::string_view()), "");
}

TEST(Communicator, ReportsABadRootByName) {
  Communicator comm = Communicator::world();
  std::vector<double> values(1);
  try {
    comm.broadcast(std::span(values), comm.ranks());
    ADD_FAILURE() << "did not throw";
  } catch (const CommError& e) {
    EXPECT_NE(std::string(e.what()).find("broadcast: MPI_ERR_ROOT"), std::string::npos) << e.what();
  }
}

TEST(Communicator, GathersTextsOfAnyLength) {
  Communicator comm = Communicator::world();
  const auto text_of = [](int rank) {
    return std::string(static_cast<std::size_t>(rank * 3), static_cast<char>('a' + rank));
  };
  const std::vector<std::string> all = comm.all_gather(text_of(comm.rank()));
  ASSERT_EQ(all.size(), static_cast<std::size_t>(comm.ranks()));
  for (int rank = 0; rank < comm.ranks(); ++rank)
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], text_of(rank));
}

TEST(Communicator, GathersNumbers) {
  Communicator comm = Communicator::world();
  const std::vector<std::int64_t> all = comm.all_gather(std::int64_t{comm.rank()} * comm.rank());
  ASSERT_EQ(all.size(), static_cast<std::size_t>(comm.ranks()));
  for (std::size_t rank = 0; rank < all.size(); ++rank)
    EXPECT_EQ(all[rank], static_cast<std::int64_t>(rank * rank));
}

TEST(Communicator, SplitsByColourInOrderOfRank) {
  Communicator comm = Communicator::world();
  Communicator part = comm.split(comm.rank() % 2);
  const int expected = (comm.ranks() + 1 - comm.rank() % 2) / 2;
  EXPECT_EQ(part.ranks(), expected);
  EXPECT_EQ(part.rank(), comm.rank() / 2);
  std::int64_t sum = 0;
  for (int rank = comm.rank() % 2; rank < comm.ranks(); rank += 2) sum += rank;
  EXPECT_EQ(part.sum(comm.rank()), sum);
  EXPECT_EQ(comm.sum(1), comm.ranks());  // the whole still works
}

TEST(Communicator, KeepsItsTrafficApartFromItsCopies) {
  Communicator first = Communicator::world();
  Communicator second = Communicator::world();
  EXPECT_EQ(second.sum(2), 2 * second.ranks());
  Communicator moved = std::move(first);
  EXPECT_EQ(moved.sum(1), moved.ranks());
}

TEST(Communicator, ForbidsEveryCollectiveWhileGuarded) {
  Communicator comm = Communicator::world();
  std::vector<std::int64_t> values(1);
  std::vector<float> floats(1);
  const std::vector<std::int64_t> offsets(static_cast<std::size_t>(comm.ranks()) + 1);
  {
    const auto guard = comm.forbid_collectives();
    { const auto inner = comm.forbid_collectives(); }
    EXPECT_THROW(comm.sum(values), std::logic_error);
    EXPECT_THROW(comm.sum(1), std::logic_error);
    EXPECT_THROW(comm.min(1), std::logic_error);
    EXPECT_THROW(comm.max(1), std::logic_error);
    EXPECT_THROW(comm.broadcast(std::span(values)), std::logic_error);
    EXPECT_THROW(static_cast<void>(comm.broadcast(std::string_view("x"))), std::logic_error);
    EXPECT_THROW(static_cast<void>(comm.all_gather(std::string_view("x"))), std::logic_error);
    EXPECT_THROW(static_cast<void>(comm.all_gather(1)), std::logic_error);
    EXPECT_THROW(comm.all_gather_parts(floats, offsets), std::logic_error);
    EXPECT_THROW(comm.reduce_scatter_parts(values, offsets), std::logic_error);
    EXPECT_THROW(static_cast<void>(comm.split(0)), std::logic_error);
  }
  EXPECT_EQ(comm.sum(1), comm.ranks());
}

}  // namespace
}  // namespace cohort::comm
