// What the page says of verdicts.
#include "report/round_words.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "small_run.hpp"

namespace cohort::report {
namespace {

constexpr std::array kVerdicts{
    round::Verdict::ok,        round::Verdict::ok_unproven, round::Verdict::format,
    round::Verdict::size,      round::Verdict::spec,        round::Verdict::non_finite,
    round::Verdict::signature, round::Verdict::late,        round::Verdict::replayed,
    round::Verdict::duplicate, round::Verdict::claim,       round::Verdict::statistics,
    round::Verdict::baseline,  round::Verdict::chain,       round::Verdict::transient};

TEST(RoundWords, ExplainEveryVerdictThatAppearsAndNoOther) {
  std::set<std::string_view> sentences;
  for (const round::Verdict verdict : kVerdicts) {
    SmallRun run = small_run();
    for (round::RoundRecord& record : run.records)
      for (round::Finding& found : record.findings) found.verdict = verdict;
    const std::string page = run.page();
    const VerdictWords words = words_of(verdict);
    EXPECT_TRUE(words.sentence.ends_with('.')) << name_of(verdict);
    EXPECT_FALSE(words.brief.empty());
    EXPECT_TRUE(sentences.insert(words.sentence).second) << "explains two verdicts: " << words.sentence;
    for (const round::Verdict other : kVerdicts)
      EXPECT_EQ(contains(page, words_of(other).sentence), other == verdict) << name_of(other);
    EXPECT_EQ(imbalance(page), "");
  }
  EXPECT_EQ(sentences.size(), 15U);
}

TEST(RoundWords, OrderVerdictsFromGoodToBad) {
  EXPECT_LT(severity_of(round::Verdict::ok), severity_of(round::Verdict::ok_unproven));
  EXPECT_LT(severity_of(round::Verdict::ok_unproven), severity_of(round::Verdict::baseline));
  for (const round::Verdict verdict : kVerdicts)
    if (is_fault(verdict)) {
      EXPECT_GT(severity_of(verdict), severity_of(round::Verdict::late)) << name_of(verdict);
      EXPECT_EQ(tone_of(verdict), "bad") << name_of(verdict);
    }
}

}  // namespace
}  // namespace cohort::report
