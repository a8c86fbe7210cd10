#include "round/round_case.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

Finding finding(const std::string& member, Verdict verdict) {
  Finding found;
  found.member = member;
  found.verdict = verdict;
  found.detail = "why " + member;
  return found;
}

TEST(RequireAudited, LetsEveryVerdictPassThatTheMachineHadNoPartIn) {
  std::vector<Finding> findings;
  for (int i = 0; i < static_cast<int>(Verdict::transient); ++i)
    findings.push_back(finding("device", static_cast<Verdict>(i)));
  EXPECT_NO_THROW(require_audited(findings));
  EXPECT_NO_THROW(require_audited({}));
}

TEST(RequireAudited, NamesAllMembersThatCouldNotBeAudited) {
  const std::vector<Finding> findings{
      finding("device-01", Verdict::ok), finding("device-02", Verdict::transient),
      finding("device-03", Verdict::claim), finding("device-04", Verdict::transient)};
  try {
    require_audited(findings);
    FAIL();
  } catch (const Error& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("device-02: why device-02; device-04: why device-04"), std::string::npos) << text;
    EXPECT_EQ(text.find("device-01"), std::string::npos) << text;
    EXPECT_NE(text.find("run the same command again"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace cohort::round
