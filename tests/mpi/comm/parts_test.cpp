#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::comm {
namespace {

using Offsets = std::vector<std::int64_t>;

/// Uneven cuts, the same on every rank; some parts are empty.
Offsets random_offsets(std::int64_t count, int ranks, std::uint64_t draw) {
  RandomSequence random(2, Stream::test_inputs, draw);
  Offsets offsets = {0, count};
  for (int i = 1; i < ranks; ++i) {
    offsets.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(count) + 1)));
  }
  std::sort(offsets.begin(), offsets.end());
  if (ranks > 2) offsets[1] = offsets[2];
  return offsets;
}

/// Large numbers of both signs that depend on rank and place.
std::int64_t value_of(int rank, std::int64_t index) {
  return (index * 0x1234567 + 1) * (rank + 1) * (index % 2 == 0 ? 1 : -1);
}

std::vector<std::int64_t> values_of(int rank, std::int64_t count) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) values[static_cast<std::size_t>(i)] = value_of(rank, i);
  return values;
}

TEST(ReduceScatterParts, GivesEachRankItsSliceOfTheSum) {
  Communicator comm = Communicator::world();
  std::uint64_t draw = 0;
  // The largest takes several pieces of 2^17 elements for each part.
  for (const std::int64_t count : {0, 1, 2, 5, 1000, 131072, 900001}) {
    for (int repeat = 0; repeat < 3; ++repeat) {
      const Offsets offsets = random_offsets(count, comm.ranks(), draw++);
      std::vector<std::int64_t> expected = values_of(comm.rank(), count);
      std::vector<std::int64_t> values = expected;
      comm.sum(expected);
      comm.reduce_scatter_parts(values, offsets);
      const auto begin = offsets[static_cast<std::size_t>(comm.rank())];
      const auto end = offsets[static_cast<std::size_t>(comm.rank()) + 1];
      EXPECT_TRUE(std::equal(values.begin() + begin, values.begin() + end, expected.begin() + begin))
          << count << " values, part " << begin << " to " << end;
    }
  }
}

TEST(ReduceScatterParts, MayGiveEverythingToOneRank) {
  Communicator comm = Communicator::world();
  const std::int64_t count = 300000;
  for (int owner = 0; owner < comm.ranks(); ++owner) {
    Offsets offsets(static_cast<std::size_t>(comm.ranks()) + 1, 0);
    std::fill(offsets.begin() + owner + 1, offsets.end(), count);
    std::vector<std::int64_t> values = values_of(comm.rank(), count);
    comm.reduce_scatter_parts(values, offsets);
    if (comm.rank() != owner) continue;
    const std::int64_t factor = std::int64_t{comm.ranks()} * (comm.ranks() + 1) / 2;
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (values[static_cast<std::size_t>(i)] != value_of(0, i) * factor) ++wrong;
    }
    EXPECT_EQ(wrong, 0);
  }
}

template <typename T>
void check_all_gather_parts() {
  Communicator comm = Communicator::world();
  std::uint64_t draw = 100;
  for (const std::int64_t count : {0, 1, 3, 10, 1000, 100003}) {
    const Offsets offsets = random_offsets(count, comm.ranks(), draw++);
    std::vector<T> values(static_cast<std::size_t>(count), T{-1});
    for (auto i = offsets[static_cast<std::size_t>(comm.rank())];
         i < offsets[static_cast<std::size_t>(comm.rank()) + 1]; ++i) {
      values[static_cast<std::size_t>(i)] = static_cast<T>(i) + T{0.5};
    }
    comm.all_gather_parts(values, offsets);
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (values[static_cast<std::size_t>(i)] != static_cast<T>(i) + T{0.5}) ++wrong;
    }
    EXPECT_EQ(wrong, 0) << count;
  }
}

TEST(AllGatherParts, CollectsUnevenAndEmptyPartsOfFloats) {
  check_all_gather_parts<float>();
}
TEST(AllGatherParts, CollectsUnevenAndEmptyPartsOfDoubles) {
  check_all_gather_parts<double>();
}

TEST(Parts, RefuseOffsetsThatDoNotCoverTheBuffer) {
  Communicator comm = Communicator::world();
  std::vector<std::int64_t> values(4);
  Offsets offsets(static_cast<std::size_t>(comm.ranks()) + 1, 4);
  EXPECT_THROW(comm.reduce_scatter_parts(values, offsets), std::logic_error);  // does not start at 0
  offsets[0] = 0;
  offsets.back() = 3;
  EXPECT_THROW(comm.reduce_scatter_parts(values, offsets), std::logic_error);
  offsets.push_back(4);
  EXPECT_THROW(comm.reduce_scatter_parts(values, offsets), std::logic_error);
}

}  // namespace
}  // namespace cohort::comm
