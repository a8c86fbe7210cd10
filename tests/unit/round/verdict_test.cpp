#include "cohort/round/verdict.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

constexpr int kVerdicts = static_cast<int>(Verdict::transient) + 1;

TEST(Verdict, NamesReadBack) {
  for (int i = 0; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_EQ(verdict_from_name(name_of(verdict)), verdict);
  }
  for (const Evidence evidence : {Evidence::replay, Evidence::claim, Evidence::hidden})
    EXPECT_EQ(evidence_from_name(name_of(evidence)), evidence);
}

TEST(Verdict, RefusesUnknownNamesWithTheNearest) {
  try {
    verdict_from_name("CLAM");
    FAIL();
  } catch (const DataError& e) {
    EXPECT_NE(std::string(e.what()).find("did you mean CLAIM"), std::string::npos) << e.what();
  }
}

TEST(Verdict, OnlyAcceptedWorkIsMergedAndOnlyGoodWorkIsPaid) {
  for (int i = 0; i < kVerdicts; ++i) {
    const auto verdict = static_cast<Verdict>(i);
    EXPECT_TRUE(may_merge(verdict) || !may_be_paid(verdict)) << name_of(verdict);
    EXPECT_FALSE(may_merge(verdict) && is_fault(verdict)) << name_of(verdict);
  }
  EXPECT_TRUE(may_merge(Verdict::baseline));
  EXPECT_FALSE(may_be_paid(Verdict::baseline));
  EXPECT_FALSE(is_fault(Verdict::late));
  EXPECT_FALSE(is_fault(Verdict::transient));
  EXPECT_TRUE(is_fault(Verdict::claim));
}

}  // namespace
}  // namespace cohort::round
