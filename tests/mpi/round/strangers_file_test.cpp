// Reading strangers' files on the ranks of a job: each by a child of its own that MPI knows nothing of.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "cohort/comm/communicator.hpp"
#include "cohort/store/container.hpp"
#include "cohort/store/hostile_reader.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using store::HostileProblem;

TEST(StrangersFile, IsReadOnEveryRankBetweenCollectives) {
  auto comm = comm::Communicator::world();
  const fs::path path = fs::path(testing::TempDir()) /
                        ("strangers_file_" + std::to_string(getpid()) + "_" + std::to_string(comm.rank()));
  const std::vector<store::ExpectedArray> expected{{"values", store::Kind::f32, {4}, 0}};
  const std::vector<float> values(4, static_cast<float>(comm.rank()));
  {
    store::ContainerWriter writer(path);
    writer.write<float>("values", {4}, values);
    writer.close();
  }
  for (int round = 0; round < 3; ++round) {
    const store::HostileContents contents = store::read_hostile(path, expected);
    EXPECT_EQ(contents.problem, HostileProblem::none) << contents.detail;
    ASSERT_EQ(contents.arrays.size(), 1U);
    EXPECT_EQ(*reinterpret_cast<const float*>(contents.arrays[0].data()), values[0]);
    EXPECT_EQ(comm.min(round), round);
  }
  std::ofstream(path, std::ios::trunc) << "something else";
  EXPECT_EQ(store::read_hostile(path, expected).problem, HostileProblem::format);
  fs::remove(path);
}

}  // namespace
}  // namespace cohort::round
