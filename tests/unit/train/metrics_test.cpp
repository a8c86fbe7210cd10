#include "cohort/train/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/train/evaluator.hpp"

namespace cohort::train {
namespace {

RankCount count_pairs(const std::vector<float>& scores, const std::vector<std::uint8_t>& is_positive) {
  RankCount result;
  for (std::size_t p = 0; p < scores.size(); ++p)
    for (std::size_t n = 0; n < scores.size(); ++n)
      if (is_positive[p] && !is_positive[n]) {
        ++result.pairs;
        result.two_u += scores[p] > scores[n] ? 2 : scores[p] == scores[n] ? 1 : 0;
      }
  return result;
}

TEST(RankCount, EqualsThePairwiseDefinitionWithTies) {
  for (std::uint64_t draw = 0; draw < 30; ++draw) {
    RandomSequence random(3, Stream::test_inputs, draw);
    const auto count = static_cast<std::size_t>(random.below(60));
    std::vector<float> scores;
    std::vector<std::uint8_t> is_positive;
    for (std::size_t i = 0; i < count; ++i) {
      scores.push_back(static_cast<float>(random.below(1 + draw)) / 8);  // few values, many ties
      is_positive.push_back(random.below(3) == 0);
    }
    const RankCount quick = rank_count(scores, is_positive), slow = count_pairs(scores, is_positive);
    EXPECT_EQ(quick.two_u, slow.two_u);
    EXPECT_EQ(quick.pairs, slow.pairs);
  }
}

TEST(Confusion, GivesSharesOfItsCounts) {
  Confusion skewed(3);
  skewed.counts = {98, 2, 0, 5, 5, 0, 0, 0, 0};
  EXPECT_EQ(skewed.samples(0), 100);
  EXPECT_EQ(skewed.predictions(0), 103);
  EXPECT_DOUBLE_EQ(*skewed.accuracy(), 103.0 / 110);
  EXPECT_DOUBLE_EQ(*skewed.balanced_accuracy(), (0.98 + 0.5) / 2);  // the last class has no samples
  EXPECT_DOUBLE_EQ(*skewed.recall(1), 0.5);
  EXPECT_DOUBLE_EQ(*skewed.precision(1), 5.0 / 7);
  EXPECT_EQ(skewed.recall(2), std::nullopt);
  EXPECT_EQ(skewed.precision(2), std::nullopt);
  EXPECT_EQ(Confusion(2).accuracy(), std::nullopt);
  EXPECT_EQ(Confusion(2).balanced_accuracy(), std::nullopt);
}

TEST(RankCount, OfOneClassOnlyHasNoPairs) {
  EXPECT_EQ(rank_count(std::vector<float>{1, 2}, std::vector<std::uint8_t>{1, 1}).pairs, 0);
  EXPECT_EQ(rank_count(std::vector<float>{}, std::vector<std::uint8_t>{}).pairs, 0);
}

/// The reference vector of the ISIC scorer's definitions: 10 images, classes A, B, C; one tie for the
/// maximum.
struct IsicVector {
  std::vector<std::int32_t> truth{0, 0, 0, 1, 1, 1, 1, 2, 2, 2};
  std::vector<double> probabilities{.70, .20, .10, .40, .50, .10, .60, .30, .10, .10,
                                    .80, .10, .30, .60, .10, .55, .35, .10, .05, .90,
                                    .05, .20, .20, .60, .45, .10, .45, .15, .25, .60};
  [[nodiscard]] std::vector<float> logits() const {
    std::vector<float> values;
    for (const double probability : probabilities)
      values.push_back(static_cast<float>(std::log(probability)));
    return values;
  }
};

TEST(Score, MatchesTheIsicReferenceVector) {
  const IsicVector isic;
  const Metrics metrics = score(3, isic.logits(), isic.truth);
  EXPECT_EQ(metrics.samples, 10);
  EXPECT_EQ(metrics.correct, 7);
  EXPECT_DOUBLE_EQ(metrics.accuracy(), 0.7);
  EXPECT_NEAR(metrics.balanced_accuracy(), 0.694444, 5e-7);
  EXPECT_NEAR(*metrics.auc(0), 0.904762, 5e-7);
  EXPECT_NEAR(*metrics.auc(1), 0.958333, 5e-7);
  EXPECT_EQ(*metrics.auc(2), 1.0);
  EXPECT_NEAR(*metrics.macro_auc(), (0.904762 + 0.958333 + 1.0) / 3, 1e-6);
  EXPECT_NEAR(*metrics.recall(0), 0.666667, 5e-7);
  EXPECT_NEAR(*metrics.recall(1), 0.75, 5e-7);
  EXPECT_NEAR(*metrics.precision(1), 0.75, 5e-7);
  EXPECT_EQ(metrics.confusion.at(2, 0), 1) << "a tie goes to the lowest class";
}

TEST(Score, LossIsTheMeanOfMinusLogProbability) {
  const IsicVector isic;
  double expected = 0;
  for (std::size_t i = 0; i < isic.truth.size(); ++i)
    expected -= std::log(isic.probabilities[i * 3 + static_cast<std::size_t>(isic.truth[i])]) / 10;
  EXPECT_NEAR(score(3, isic.logits(), isic.truth).loss, expected, 1e-6);
}

TEST(Score, LeavesOutClassesWithoutSamples) {
  const std::vector<float> logits{2, 1, 0, 0, 1, 2};  // 3 classes, 2 samples
  const Metrics metrics = score(3, logits, std::vector<std::int32_t>{0, 1});
  EXPECT_FALSE(metrics.recall(2).has_value());
  EXPECT_FALSE(metrics.auc(2).has_value());
  EXPECT_FALSE(metrics.precision(1).has_value());
  EXPECT_DOUBLE_EQ(metrics.balanced_accuracy(), 0.5);
  EXPECT_DOUBLE_EQ(*metrics.macro_auc(), (1.0 + 0.5) / 2) << "class 1 scores the same for both samples";
}

TEST(Score, UndefinedAucIsNeverTheBest) {
  const Metrics metrics = score(2, std::vector<float>{1, 0}, std::vector<std::int32_t>{0});
  EXPECT_FALSE(metrics.macro_auc().has_value());
  EXPECT_FALSE(std::isfinite(score_of(metrics, "auc_macro")));
}

TEST(Score, RefusesValuesThatAreNotFinite) {
  const float nan = std::nanf("");
  EXPECT_THROW(score(2, std::vector<float>{1, 0, nan, 1}, std::vector<std::int32_t>{0, 1}), Error);
}

TEST(ScoreOf, KnowsItsNamesAndSuggestsTheNearest) {
  const IsicVector isic;
  const Metrics metrics = score(3, isic.logits(), isic.truth);
  EXPECT_EQ(score_of(metrics, "accuracy"), metrics.accuracy());
  EXPECT_EQ(score_of(metrics, "loss"), -metrics.loss);
  try {
    score_of(metrics, "balanced_acuracy");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'balanced_accuracy'"), std::string::npos)
        << error.what();
  }
}

TEST(Requirement, IsParsedOrRefused) {
  const Requirement requirement = parse_requirement("balanced_accuracy >= 0.80");
  EXPECT_EQ(requirement.metric, "balanced_accuracy");
  EXPECT_DOUBLE_EQ(requirement.at_least, 0.8);
  EXPECT_DOUBLE_EQ(parse_requirement("loss>=-0.5").at_least, -0.5);
  for (const char* bad :
       {"accuracy", "accuracy>0.5", "accuracy>=", "accuracy>=high", "accuracy>=nan", "speed>=1", ""})
    EXPECT_THROW(parse_requirement(bad), UsageError) << bad;
}

TEST(PredictedClass, TakesTheLowestOfEquals) {
  EXPECT_EQ(predicted_class(std::vector<float>{0, 3, 3, 1}), 1);
  EXPECT_EQ(predicted_class(std::vector<float>{-1, -1}), 0);
}

}  // namespace
}  // namespace cohort::train
