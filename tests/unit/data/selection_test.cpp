#include "data/selection.hpp"

#include <algorithm>
#include <map>

#include "cohort/core/text.hpp"
#include "unit/data/manifest_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::labelled;
using testing::message_of;
using testing::Names;

/// Three classes of twelve samples; every second pair of a class shares a lesion.
Manifest thirty_six() {
  Manifest manifest;
  manifest.classes = {"bkl", "mel", "nv"};
  for (int i = 0; i < 36; ++i) {
    Sample sample;
    sample.id = concat("image-", 100 + i);
    sample.label = i % 3;
    if (i / 3 % 4 < 2) sample.lesion = concat("lesion-", sample.label, "-", i / 12);
    manifest.samples.push_back(sample);
  }
  return manifest;
}

std::map<int, int> counts(const Manifest& manifest) {
  std::map<int, int> count;
  for (const Sample& sample : manifest.samples) ++count[sample.label];
  return count;
}

TEST(Selection, TakesAllUnlessTold) {
  Manifest manifest = thirty_six();
  const Names before = labelled(manifest);
  select_samples(manifest, {}, 0);
  EXPECT_EQ(labelled(manifest), before);
}

TEST(Selection, LeavesTheChosenClassesInTheSourcesOrder) {
  Manifest manifest = thirty_six();
  select_samples(manifest, {{"nv", "mel"}, 0}, 0);
  EXPECT_EQ(manifest.classes, (Names{"mel", "nv"}));
  EXPECT_EQ(counts(manifest), (std::map<int, int>{{0, 12}, {1, 12}}));
  EXPECT_EQ(labelled(manifest).front(), "image-101=mel");
}

TEST(Selection, TakesWholeLesionsUpToTheMost) {
  const Manifest all = thirty_six();
  std::map<std::string, int> whole;
  for (const Sample& sample : all.samples) ++whole[sample.lesion];
  Manifest manifest = all;
  select_samples(manifest, {{}, 5}, 3);
  std::map<std::string, int> taken;
  for (const Sample& sample : manifest.samples) ++taken[sample.lesion];
  taken.erase("");
  for (const auto& [lesion, count] : taken) EXPECT_EQ(count, whole[lesion]) << lesion;
  for (const auto& [label, count] : counts(manifest)) EXPECT_EQ(count, 5) << label;
}

TEST(Selection, DependsOnIdsAndSeedAlone) {
  Manifest forward = thirty_six(), backward = thirty_six(), other = thirty_six();
  std::ranges::reverse(backward.samples);
  select_samples(forward, {{}, 4}, 7);
  select_samples(backward, {{}, 4}, 7);
  select_samples(other, {{}, 4}, 8);
  std::ranges::reverse(backward.samples);
  EXPECT_EQ(labelled(forward), labelled(backward));
  EXPECT_NE(labelled(forward), labelled(other));
}

TEST(Selection, NamesTheLesionThatIsTooLargeForItsClass) {
  Manifest manifest = thirty_six();
  for (Sample& sample : manifest.samples)
    if (sample.label == 1) sample.lesion = sample.id < "image-111" ? "mel-small" : "mel-large";
  const std::string words = message_of<DataError>([&] { select_samples(manifest, {{}, 3}, 0); });
  EXPECT_TRUE(contains(words, "class 'mel' would be left without an image")) << words;
  EXPECT_TRUE(contains(words, "its smallest one, mel-small, has 4 images, more than the 3 of a class"))
      << words;
  EXPECT_FALSE(contains(words, "'nv'") || contains(words, "'bkl'")) << words;
  select_samples(manifest, {{}, 4}, 0);
  EXPECT_EQ(counts(manifest), (std::map<int, int>{{0, 4}, {1, 4}, {2, 4}}));
}

TEST(Selection, RefusesClassesThatAreNotThere) {
  Manifest manifest = thirty_six();
  const std::string words = message_of<UsageError>([&] { select_samples(manifest, {{"mle", "nv"}, 0}, 0); });
  EXPECT_TRUE(contains(words, "did you mean 'mel'") && contains(words, "bkl, mel, nv")) << words;
  EXPECT_TRUE(contains(message_of<UsageError>([&] {
                         select_samples(manifest, {{"nv"}, 0}, 0);
                       }),
                       "one class alone"));
}

}  // namespace
}  // namespace cohort::data
