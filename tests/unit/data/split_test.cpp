#include "cohort/data/split.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "cohort/core/philox.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using Pairs = std::vector<std::pair<int, int>>;

Manifest manifest_of(std::size_t classes) {
  Manifest manifest;
  for (std::size_t k = 0; k < classes; ++k) manifest.classes.push_back("class" + std::to_string(k));
  return manifest;
}

void add(Manifest& manifest, int label, std::string lesion = {}, std::string patient = {},
         std::optional<Split> split = std::nullopt) {
  Sample sample;
  sample.id = "image" + std::to_string(1000 + manifest.samples.size());
  sample.label = label;
  sample.lesion = std::move(lesion);
  sample.patient = std::move(patient);
  sample.split = split;
  manifest.samples.push_back(std::move(sample));
}

/// Some images with lesions, some with patients, some with neither; a few identical pairs.
Manifest random_manifest(std::uint64_t number, Pairs& identical) {
  RandomSequence random(number, Stream::test_inputs, 0);
  Manifest manifest = manifest_of(2 + random.below(5));
  const std::uint64_t count = 20 + random.below(400);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string lesion = random.below(4) == 0 ? "" : "L" + std::to_string(random.below(count));
    const std::string patient = random.below(2) == 0 ? "" : "P" + std::to_string(random.below(count));
    add(manifest, static_cast<int>(random.below(manifest.classes.size())), lesion, patient);
  }
  for (int k = 0; k < 5; ++k) {
    identical.emplace_back(static_cast<int>(random.below(count)), static_cast<int>(random.below(count)));
  }
  return manifest;
}

TEST(Split, NeverPartsAGroupWhateverTheManifest) {
  for (std::uint64_t number = 0; number < 200; ++number) {
    Pairs identical;
    const Manifest manifest = random_manifest(number, identical);
    const std::vector<Split> splits = assign_splits(manifest, identical, {.seed = number});
    // Checked here without leak_report, pair by pair.
    for (std::size_t a = 0; a < splits.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        const Sample &first = manifest.samples[a], &second = manifest.samples[b];
        const bool same_lesion = !first.lesion.empty() && first.lesion == second.lesion;
        const bool same_patient = !first.patient.empty() && first.patient == second.patient;
        if (same_lesion || same_patient) {
          ASSERT_EQ(splits[a], splits[b]) << "manifest " << number;
        }
      }
    }
    for (const auto& [a, b] : identical) {
      ASSERT_EQ(splits[static_cast<std::size_t>(a)], splits[static_cast<std::size_t>(b)]);
    }
    const LeakReport leaks = leak_report(manifest, splits, identical);
    EXPECT_EQ(leaks.shared_lesions + leaks.shared_patients + leaks.shared_pixels, 0);
  }
}

TEST(Split, ReportsLeaksThatAreThere) {
  Manifest manifest = manifest_of(2);
  add(manifest, 0, "L1", "P1");
  add(manifest, 1, "L1", "P1");
  add(manifest, 0, "L2", "P1");
  add(manifest, 1, "L3", "");
  const std::vector<Split> splits{Split::train, Split::test, Split::train, Split::hidden};
  const LeakReport leaks = leak_report(manifest, splits, {{0, 3}});
  EXPECT_EQ(leaks.lesions, 3);
  EXPECT_EQ(leaks.patients, 1);
  EXPECT_EQ(leaks.shared_lesions, 1);
  EXPECT_EQ(leaks.shared_patients, 1);
  EXPECT_EQ(leaks.shared_pixels, 1);
  EXPECT_EQ(leaks.groups, 1);
  EXPECT_EQ(leaks.class_counts[0], (std::array<std::int64_t, kSplits>{2, 0, 0, 0}));
  EXPECT_EQ(leaks.class_counts[1], (std::array<std::int64_t, kSplits>{0, 0, 1, 1}));
}

TEST(Split, MeetsTheFractionsInEveryClass) {
  Manifest manifest = manifest_of(3);
  const std::array<int, 3> sizes{1000, 100, 40};
  for (int label = 0; label < 3; ++label) {
    for (int i = 0; i < sizes[static_cast<std::size_t>(label)]; ++i) add(manifest, label);
  }
  const SplitOptions options;
  const LeakReport leaks = leak_report(manifest, assign_splits(manifest, {}, options), {});
  for (std::size_t label = 0; label < 3; ++label) {
    for (std::size_t split = 0; split < kSplits; ++split) {
      EXPECT_NEAR(static_cast<double>(leaks.class_counts[label][split]),
                  options.fractions[split] * sizes[label], 1.0);
    }
  }
}

TEST(Split, SpreadsLargeGroupsOverAllSplits) {
  Manifest manifest = manifest_of(2);
  for (int group = 0; group < 200; ++group) {
    for (int i = 0; i < 1 + group % 5; ++i) add(manifest, group % 2, "L" + std::to_string(group));
  }
  const std::vector<Split> splits = assign_splits(manifest, {}, {});
  std::array<std::set<std::string>, kSplits> groups;
  std::array<double, kSplits> samples{};
  for (std::size_t i = 0; i < splits.size(); ++i) {
    groups[static_cast<std::size_t>(splits[i])].insert(manifest.samples[i].lesion);
    ++samples[static_cast<std::size_t>(splits[i])];
  }
  // 600 samples in 200 groups: three images a lesion on average, in each split about so.
  for (std::size_t split = 0; split < kSplits; ++split) {
    EXPECT_NEAR(samples[split] / static_cast<double>(groups[split].size()), 3.0, 0.6) << split;
    EXPECT_NEAR(samples[split], SplitOptions{}.fractions[split] * 600, 4) << split;
  }
}

TEST(Split, DependsOnTheSeedAlone) {
  Pairs identical;
  const Manifest manifest = random_manifest(7, identical);
  EXPECT_EQ(assign_splits(manifest, identical, {.seed = 1}), assign_splits(manifest, identical, {.seed = 1}));
  EXPECT_NE(assign_splits(manifest, identical, {.seed = 1}), assign_splits(manifest, identical, {.seed = 2}));
}

TEST(Split, KeepsItsGoldenAssignment) {
  Manifest manifest = manifest_of(2);
  for (int i = 0; i < 24; ++i) add(manifest, i % 3 == 0, i % 4 == 0 ? "" : "L" + std::to_string(i / 3));
  std::string text;
  for (const Split split : assign_splits(manifest, {{0, 23}}, {.seed = 42}))
    text += std::to_string(static_cast<int>(split));
  EXPECT_EQ(text, "000030220000000020111000");
}

TEST(Split, RespectsGivenSplitsAndCarvesValidationFromTrain) {
  Manifest manifest = manifest_of(2);
  for (int i = 0; i < 400; ++i) {
    const Split given = i < 300 ? Split::train : i < 350 ? Split::test : Split::hidden;
    add(manifest, i % 2, "L" + std::to_string(i / 2), {}, given);
  }
  const std::vector<Split> splits =
      assign_splits(manifest, {}, {.fractions = {0.6, 0.2, 0.1, 0.1}, .seed = 3});
  int validation = 0;
  for (std::size_t i = 0; i < splits.size(); ++i) {
    if (i >= 300) {
      EXPECT_EQ(splits[i], *manifest.samples[i].split);
    } else {
      EXPECT_TRUE(splits[i] == Split::validation || splits[i] == Split::train);
    }
    validation += splits[i] == Split::validation;
  }
  EXPECT_NEAR(validation, 75, 1) << "a quarter of 300, in lesions of two";
}

TEST(Split, SaysWhichFractionsAreWithoutEffect) {
  Manifest manifest;
  manifest.samples.resize(3);
  EXPECT_TRUE(given_splits(manifest).empty());
  manifest.samples[1].split = Split::train;
  EXPECT_EQ(given_splits(manifest), (std::vector<Split>{Split::test, Split::hidden}));
  manifest.samples[2].split = Split::validation;
  EXPECT_EQ(given_splits(manifest).size(), static_cast<std::size_t>(kSplits));
}

TEST(Split, LeavesAGivenValidationAlone) {
  Manifest manifest = manifest_of(1);
  add(manifest, 0, {}, {}, Split::train);
  add(manifest, 0, {}, {}, Split::validation);
  add(manifest, 0);
  EXPECT_EQ(assign_splits(manifest, {}, {}),
            (std::vector<Split>{Split::train, Split::validation, Split::train}));
}

TEST(Split, LetsAGroupFollowItsGivenSample) {
  Manifest manifest = manifest_of(1);
  add(manifest, 0, "L1", {}, Split::test);
  add(manifest, 0, "L1");
  add(manifest, 0, {}, {}, Split::validation);
  add(manifest, 0);
  const std::vector<Split> splits = assign_splits(manifest, {{1, 3}}, {});
  EXPECT_EQ(splits, (std::vector<Split>{Split::test, Split::test, Split::validation, Split::test}));
}

TEST(Split, RefusesGroupsWithTwoGivenSplits) {
  Manifest manifest = manifest_of(1);
  add(manifest, 0, "L1", {}, Split::train);
  add(manifest, 0, "L1", {}, Split::test);
  add(manifest, 0, "L2", "P", Split::train);
  add(manifest, 0, "L3", "P", Split::hidden);
  const auto message = testing::message_of<DataError>([&] { assign_splits(manifest, {}, {}); });
  EXPECT_TRUE(contains(message, "image1000 is given to train, image1001 to test")) << message;
  EXPECT_TRUE(contains(message, "image1002 is given to train, image1003 to hidden")) << message;
}

TEST(Split, RefusesFractionsThatDoNotSumToOne) {
  Manifest manifest = manifest_of(1);
  add(manifest, 0);
  EXPECT_THROW(assign_splits(manifest, {}, {.fractions = {0.5, 0.1, 0.1, 0.1}}), UsageError);
  EXPECT_THROW(assign_splits(manifest, {}, {.fractions = {1.2, -0.2, 0, 0}}), UsageError);
  EXPECT_THROW(assign_splits(manifest, {}, {.fractions = {std::nan(""), 0, 0, 0}}), UsageError);
  EXPECT_EQ(assign_splits(manifest, {}, {.fractions = {0, 0, 1, 0}}), (std::vector<Split>{Split::test}));
}

TEST(Split, KnowsItsNames) {
  for (int i = 0; i < kSplits; ++i) {
    EXPECT_EQ(split_from_name(name_of(static_cast<Split>(i))), static_cast<Split>(i));
  }
  EXPECT_EQ(split_from_name("Val"), Split::validation);
  EXPECT_THROW(split_from_name("holdout"), UsageError);
}

}  // namespace
}  // namespace cohort::data
