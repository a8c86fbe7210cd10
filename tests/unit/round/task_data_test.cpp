// What the data make impossible, said before anybody trains.
#include <gmock/gmock.h>

#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/round/rounds.hpp"
#include "round/task_problems.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// Parts of so many training images each, and one pool of validation images for all.
data::Partition parts_of(const std::vector<std::int32_t>& sizes, std::int32_t validation = 10) {
  data::Partition partition;
  std::int32_t first = 0;
  for (const std::int32_t size : sizes) {
    data::Part part;
    part.train.resize(static_cast<std::size_t>(size));
    std::iota(part.train.begin(), part.train.end(), first);
    first += size;
    part.validation.resize(static_cast<std::size_t>(validation));
    std::iota(part.validation.begin(), part.validation.end(), 0);
    partition.parts.push_back(std::move(part));
  }
  return partition;
}

TEST(TaskData, BoundStatisticsCountedAnew) {
  Task task;
  task.recipe.micro_batch = 4;
  task.merge.statistics = StatisticsPolicy::recompute;
  EXPECT_THAT(data_problems(task, parts_of({4096, 4099}), nullptr), IsEmpty());  // 2,048 and a rest
  const data::Partition parts = parts_of({4096, 4100});
  for (const MergeRule rule : {MergeRule::average, MergeRule::soup}) {
    task.merge.rule = rule;
    EXPECT_THAT(
        data_problems(task, parts, nullptr),
        ElementsAre(HasSubstr("8196 training images makes 2049 micro-batches of 4, more than the 2048")));
  }
  for (const MergeRule rule : {MergeRule::best, MergeRule::none}) {  // no means, no statistics of means
    task.merge.rule = rule;
    EXPECT_THAT(data_problems(task, parts, nullptr), IsEmpty());
  }
  task.merge.rule = MergeRule::average;
  task.merge.statistics = StatisticsPolicy::aggregate;
  EXPECT_THAT(data_problems(task, parts, nullptr), IsEmpty());
}

TEST(TaskData, BoundWeightsOfMeans) {
  constexpr std::int32_t limit = 1 << 24;
  Task task;
  EXPECT_THAT(data_problems(task, parts_of({limit - 2, 1}), nullptr), IsEmpty());
  EXPECT_THAT(data_problems(task, parts_of({limit, 2}), nullptr), IsEmpty());  // half of each
  const data::Partition large = parts_of({limit - 1, 1});
  EXPECT_THAT(data_problems(task, large, nullptr), ElementsAre(HasSubstr("merge.weights: samples")));
  task.merge.weights = MergeWeights::uniform;
  EXPECT_THAT(data_problems(task, large, nullptr), IsEmpty());
  task.pool.pool = "1";
  task.pool.rule = "shapley";
  EXPECT_THAT(data_problems(task, large, nullptr), ElementsAre(HasSubstr("pool.rule: shapley")));
  task.pool.pool.clear();
  task.merge.weights = MergeWeights::validation;
  EXPECT_THAT(data_problems(task, parts_of({1, 1}, limit / 2 - 1), nullptr), IsEmpty());
  EXPECT_THAT(data_problems(task, parts_of({1, 1}, limit / 2), nullptr),
              ElementsAre(HasSubstr("merge.weights: validation counts of 2 members on 8388608 images")));
}

/// Samples of two sites; the column that says so may be left out.
data::Dataset with_sites(const std::filesystem::path& path, bool has_column) {
  data::PackOptions options;
  options.image = {3, tests::kTinySize, tests::kTinySize};
  options.classes = {"akiec", "bcc", "nv"};
  options.normalization = {{0.4, 0.45, 0.5}, {0.2, 0.25, 0.3}};
  if (has_column) options.columns = {"site"};
  data::PackedSample sample;
  data::write_packed(path, options, 40, [&](std::int64_t index) -> const data::PackedSample& {
    sample = tests::tiny_sample({24, 16, 0}, static_cast<int>(index));
    if (has_column) sample.extra = {index % 2 == 0 ? "graz" : "vienna"};
    return sample;
  });
  return data::Dataset::open(path);
}

TEST(TaskData, NeedTheSitesOfHiddenImages) {
  const tests::TemporaryFolder folder("task-data");
  const data::Dataset dataset = with_sites(folder.path() / "sites.h5", true);
  const data::Dataset with = with_sites(folder.path() / "with.h5", true);
  const data::Dataset without = with_sites(folder.path() / "without.h5", false);
  const auto complete = [&](const data::Dataset& hidden, Evidence evidence) {
    Task task;
    task.recipe = tests::tiny_job().recipe;
    task.recipe.batch_size = 8;
    task.partition.rule = data::PartitionRule::by_column;
    task.partition.column = "site";
    task.audit.evidence = evidence;
    return complete_task(task, 0, dataset, &hidden).parts.size();
  };
  EXPECT_EQ(complete(with, Evidence::replay), 2U);
  EXPECT_EQ(complete(without, Evidence::claim), 2U);  // which counts no hidden image
  for (const Evidence evidence : {Evidence::replay, Evidence::hidden})
    EXPECT_THAT([&] { complete(without, evidence); },
                ThrowsMessage<UsageError>(AllOf(HasSubstr("the hidden set lacks it"), HasSubstr("site"))));
}

}  // namespace
}  // namespace cohort::round
