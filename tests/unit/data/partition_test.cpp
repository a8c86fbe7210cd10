#include "cohort/data/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "cohort/core/error.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::TemporaryFolder;
using Indices = std::vector<std::int32_t>;

/// Images of 2 pixels in a packed file.
Dataset packed(const std::filesystem::path& path, const std::vector<PackedSample>& samples) {
  PackOptions options;
  options.image = {3, 1, 2};
  options.classes = {"benign", "malignant"};
  options.columns = {"site"};
  options.normalization = {{0.5, 0.5, 0.5}, {0.2, 0.2, 0.2}};
  write_packed(path, options, static_cast<std::int64_t>(samples.size()),
               [&](std::int64_t i) -> const PackedSample& { return samples[static_cast<std::size_t>(i)]; });
  return Dataset::open(path);
}

/// Images of neither lesion nor patient, all different, half of them malignant.
std::vector<PackedSample> lone_samples(int count) {
  std::vector<PackedSample> samples;
  for (int i = 0; i < count; ++i) {
    PackedSample sample;
    sample.id = "image" + std::to_string(1000 + i);
    sample.label = i % 2;
    sample.extra = {""};
    sample.pixels.assign(6, static_cast<std::uint8_t>(i));
    samples.push_back(sample);
  }
  return samples;
}

/// 220 images: every third lesion has two images, one in four is malignant, four sites.
class Cut : public ::testing::Test {
 protected:
  static constexpr int kCount = 220;
  Cut() {
    int lesion = 0;
    for (int i = 0; i < kCount; ++i) {
      const bool joins = i % 4 == 1;
      if (!joins) ++lesion;
      PackedSample sample;
      sample.id = "image" + std::to_string(1000 + i);
      sample.lesion = "L" + std::to_string(lesion);
      sample.label = lesion % 4 == 0;
      sample.extra = {i % 10 == 0 ? "" : std::string(1, static_cast<char>('a' + lesion % 3))};
      sample.split = lesion % 11 == 0 ? Split::validation : Split::train;
      sample.pixels.assign(6, static_cast<std::uint8_t>(i));
      samples_.push_back(sample);
    }
    for (int i = 0; i < 10; ++i) {  // never dealt out
      samples_.push_back(samples_.front());
      samples_.back().id = "test" + std::to_string(i);
      samples_.back().lesion = "T" + std::to_string(i);
      samples_.back().split = i < 5 ? Split::test : Split::hidden;
    }
    dataset_.emplace(packed(folder_ / "set.h5", samples_));
  }

  static PartitionOptions sizes(std::vector<double> train, std::vector<double> validation) {
    return {PartitionRule::split, "", std::move(train), std::move(validation), 3};
  }
  std::string refusal(int candidates, const PartitionOptions& options) {
    return testing::message_of<UsageError>([&] { partition(*dataset_, candidates, options); });
  }

  TemporaryFolder folder_;
  std::vector<PackedSample> samples_;
  std::optional<Dataset> dataset_;
};

TEST_F(Cut, GivesEveryCandidateItsSizesAndNoSampleTwice) {
  const Partition cut = partition(*dataset_, 10, sizes({20}, {2}));
  ASSERT_EQ(cut.parts.size(), 10U);
  std::set<std::int32_t> seen;
  for (const Part& part : cut.parts) {
    EXPECT_EQ(part.train.size(), 20U) << part.name;
    EXPECT_EQ(part.validation.size(), 2U) << part.name;
    for (const auto* indices : {&part.train, &part.validation}) {
      EXPECT_TRUE(std::ranges::is_sorted(*indices));
      for (const std::int32_t index : *indices) {
        EXPECT_TRUE(seen.insert(index).second);
        EXPECT_LT(index, kCount);
      }
    }
  }
  EXPECT_EQ(cut.parts[2].name, "device-03");
  EXPECT_TRUE(cut.leftover.empty());
  EXPECT_TRUE(cut.notes.empty());
}

TEST_F(Cut, KeepsLesionsWhole) {
  const Partition cut = partition(*dataset_, 7, sizes({0.8}, {0.15}));
  std::map<std::string, const Indices*> owner;
  for (const Part& part : cut.parts)
    for (const auto* indices : {&part.train, &part.validation})
      for (const std::int32_t index : *indices) {
        const auto [place, is_new] =
            owner.emplace(dataset_->column("lesion")[static_cast<std::size_t>(index)], indices);
        EXPECT_TRUE(is_new || place->second == indices);
      }
}

TEST(CutByPixels, KeepsEqualImagesTogether) {
  std::vector<PackedSample> samples = lone_samples(60);
  // Thirty pictures, each of them twice, under two lesions; only the first of each two knows its patient.
  for (std::size_t i = 0; i < 30; ++i) {
    samples[i].lesion = "L" + std::to_string(i);
    samples[i].patient = "P" + std::to_string(i);
    samples[i + 30].lesion = "M" + std::to_string(i);
    samples[i + 30].label = samples[i].label;
    samples[i + 30].pixels = samples[i].pixels;
  }
  const TemporaryFolder folder;
  const Dataset dataset = packed(folder / "set.h5", samples);
  const Partition cut = partition(dataset, 3, {PartitionRule::split, "", {16}, {4}, 1});
  std::map<std::int32_t, const Indices*> owner;
  for (const Part& part : cut.parts)
    for (const auto* indices : {&part.train, &part.validation})
      for (const std::int32_t index : *indices) owner[index] = indices;
  ASSERT_EQ(owner.size(), 60U);
  for (std::int32_t i = 0; i < 30; ++i) EXPECT_EQ(owner[i], owner[i + 30]) << i;
}

// 0.29 * 100 is 28.999999999999996 in double.
TEST(CutByShares, GivesDecimalSharesTheirWholeSamples) {
  const TemporaryFolder folder;
  const Dataset dataset = packed(folder / "set.h5", lone_samples(100));
  for (const auto& [share, count] : {std::pair{0.29, 29U},
                                     {0.57, 57U},
                                     {0.58, 58U},
                                     {0.07, 7U},
                                     {0.14, 14U},
                                     {0.295, 29U},
                                     {0.2999999, 29U}}) {
    const Partition cut = partition(dataset, 1, {PartitionRule::split, "", {share}, {0.1}, 0});
    EXPECT_EQ(cut.parts.at(0).train.size(), count) << share;
  }
}

TEST_F(Cut, StratifiesByClass) {
  for (const Part& part : partition(*dataset_, 5, sizes({40}, {4})).parts) {
    const auto malignant = std::ranges::count_if(
        part.train, [&](std::int32_t i) { return dataset_->labels()[static_cast<std::size_t>(i)] == 1; });
    EXPECT_NEAR(static_cast<double>(malignant), 10, 2) << part.name;
  }
}

TEST_F(Cut, IsAFunctionOfTheSeed) {
  PartitionOptions options = sizes({20}, {2});
  const Digest digest = partition_digest(*dataset_, partition(*dataset_, 10, options));
  EXPECT_EQ(partition_digest(*dataset_, partition(*dataset_, 10, options)), digest);
  EXPECT_EQ(to_hex(digest), "29c62bff3928f50b76cca8643675112885df03bfae456583a5e48fd7d8b1ed46");
  options.seed = 4;
  EXPECT_NE(partition_digest(*dataset_, partition(*dataset_, 10, options)), digest);
}

TEST_F(Cut, ReportsLeftoversAndUnevenBatches) {
  const Partition cut = partition(*dataset_, 2, sizes({50, 21}, {5}));
  EXPECT_EQ(cut.parts[0].train.size(), 50U);
  EXPECT_EQ(cut.parts[1].train.size(), 21U);
  EXPECT_EQ(cut.leftover.size(), 220U - 50 - 21 - 10);
  EXPECT_TRUE(contains(cut.notes.back(), "139 images are left over")) << cut.notes.back();
}

TEST_F(Cut, RefusesMoreThanThereIs) {
  const std::string message = refusal(10, sizes({100}, {10}));
  EXPECT_TRUE(contains(message, "10 candidates ask for 1100 images") && contains(message, "has 220"))
      << message;
  EXPECT_TRUE(contains(refusal(300, sizes({0.9}, {0.1})), "would get no image"));
  EXPECT_TRUE(contains(refusal(3, sizes({10, 20}, {1})), "2 sizes for 3 candidates"));
  EXPECT_TRUE(contains(refusal(3, sizes({1.5}, {1})), "neither a share"));
  EXPECT_TRUE(contains(refusal(0, sizes({10}, {1})), "at least 1"));
}

TEST_F(Cut, SharedGivesAllToAll) {
  const Partition all = partition(*dataset_, 3, {});
  ASSERT_EQ(all.parts.size(), 3U);
  EXPECT_EQ(all.parts[0].train, dataset_->indices(Split::train));
  EXPECT_EQ(all.parts[2].validation, dataset_->indices(Split::validation));
}

TEST_F(Cut, BySiteFollowsTheColumnAndTheGlobalSplit) {
  const Partition sites = partition(*dataset_, 0, {PartitionRule::by_column, "site", {}, {}, 0});
  ASSERT_EQ(sites.parts.size(), 3U);
  EXPECT_EQ(sites.parts[0].name, "a");
  std::size_t dealt = sites.leftover.size();
  for (const Part& part : sites.parts) {
    dealt += part.train.size() + part.validation.size();
    for (const std::int32_t index : part.train) {
      EXPECT_EQ(dataset_->column("site")[static_cast<std::size_t>(index)], part.name);
      EXPECT_EQ(dataset_->split(index), Split::train);
    }
  }
  EXPECT_EQ(dealt, 220U);
  EXPECT_TRUE(contains(sites.notes.front(), "22 images have no value in column site")) << sites.notes.front();
  EXPECT_TRUE(contains(refusal(4, {PartitionRule::by_column, "site", {}, {}, 0}), "has 3 values"));
  EXPECT_THROW(partition(*dataset_, 0, {PartitionRule::by_column, "sight", {}, {}, 0}), DataError);
}

TEST_F(Cut, AViewShowsACandidateItsOwnSamplesOnly) {
  const Partition cut = partition(*dataset_, 10, sizes({20}, {2}));
  const Dataset view = view_of(*dataset_, cut.parts[4]);
  EXPECT_EQ(view.indices(Split::train), cut.parts[4].train);
  EXPECT_EQ(view.indices(Split::validation), cut.parts[4].validation);
  EXPECT_TRUE(view.indices(Split::test).empty());
  EXPECT_EQ(view.digest(), dataset_->digest());
  EXPECT_EQ(view.pixels(7).data(), dataset_->pixels(7).data());
  EXPECT_THROW(static_cast<void>(dataset_->with_splits({Split::train})), std::logic_error);
}

}  // namespace
}  // namespace cohort::data
