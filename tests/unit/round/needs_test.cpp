// What a run needs, held against what one round of it leaves.
#include "cohort/round/needs.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tiny_round.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += entry.file_size();
  return bytes;
}

TEST(RoundFiles, AreNotFewerThanThoseOfARound) {
  TinyRound tiny("needs");  // with momentum and an average
  const RoundFiles files = round_files(tiny.task);
  std::uint64_t links = 0, submissions = 0;
  for (std::size_t i = 0; i < tiny.task.members.size(); ++i) {
    ASSERT_EQ(tiny.train(i).state, CandidateState::submitted);
    links += bytes_below(tiny.files(i).links);
    submissions += fs::file_size(tiny.files(i).submission) + fs::file_size(tiny.files(i).progress);
  }
  EXPECT_GE(files.links, links);
  EXPECT_GE(files.others, submissions);
  // Not much more than the numbers in them: three times the parameters, twice the statistics.
  const auto states = static_cast<std::uint64_t>(kTinyLinks) * tiny.task.members.size();
  const auto numbers =
      static_cast<std::uint64_t>(3 * tiny.layout.parameter_count + 2 * tiny.layout.statistic_count);
  EXPECT_LE(files.links, states * (4 * numbers + (std::uint64_t{1} << 17)));
}

TEST(RoundFiles, CountTheLargestThatASearchMayChoose) {
  TinyRound tiny("needs-search");
  Task task = tiny.task;
  const std::uint64_t one_slot = round_files(task).links;
  task.search = {{"optimizer", "choice(sgd, adamw)"}};
  Task adamw = tiny.task;
  adamw.recipe.optimizer.kind = optim::OptimizerKind::adamw;
  EXPECT_EQ(round_files(task).links, round_files(adamw).links);
  EXPECT_GT(round_files(task).links, one_slot);
}

TEST(EstimateMemory, HoldsTheModelsOfAMergeAndOfCandidatesThatKeepTheirs) {
  TinyRound tiny("needs-memory");
  train::Execution execution;
  execution.threads = 1;
  const auto model =
      static_cast<std::uint64_t>(4 * (tiny.layout.parameter_count + tiny.layout.statistic_count));
  Task task = tiny.task;
  const std::uint64_t merged = estimate_memory(task, execution, 1);
  EXPECT_GT(merged, train::estimate_memory({task.recipe, execution}, tiny.model, 1));
  task.merge.rule = MergeRule::none;
  EXPECT_EQ(estimate_memory(task, execution, 1), merged + task.members.size() * model);
  task = tiny.task;
  task.members.resize(1000, task.members.front());
  EXPECT_GT(estimate_memory(task, execution, 1), 1000 * model);
}

}  // namespace
}  // namespace cohort::round
