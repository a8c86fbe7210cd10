// What an audit asks for by its level of evidence, and that its record is written whatever was handed in.
#include <gmock/gmock.h>

#include "attack.hpp"

namespace cohort::round {
namespace {

/// Nothing that a stranger writes may keep the audit from being recorded.
TEST_F(Attack, AClaimBeyondAllBounds) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.claim.correct = submission.header.claim.samples = 9'000'000'000'000'000'000;
  submission.signature.reset();
  tiny_.replace(kThief, submission);
  expect_caught(Verdict::signature, "not signed");
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "other images");
  const AuditCase audit = tiny_.audit_case();
  const fs::path path = tiny_.folder("run") / "audit.json";
  write_audit(path, audit_record(audit, {}, {}, tiny_.audit(audit)));
  const AuditEntry entry = read_audit(path).entries.at(kThief);
  EXPECT_EQ(entry.verdict, Verdict::spec);
  EXPECT_EQ(entry.claim_correct, -1);
  EXPECT_EQ(entry.claim_samples, -1);
}

TEST_F(Attack, AReasonLongerThanARecordKeeps) {
  for (const std::string first : {"", "x"}) {  // one of the two has the limit inside a character
    Submission submission = tiny_.submitted(kThief);
    std::string value = first;
    for (int i = 0; i < 499; ++i) value += "\u00e9";
    for (auto& [key, stated] : submission.header.recipe)
      if (key == "schedule.learning_rate") stated = value;
    tiny_.hand_in(kThief, submission);
    expect_caught(Verdict::spec, "\u00e9\u00e9");
    const AuditCase audit = tiny_.audit_case();
    const AuditRecord record = audit_record(audit, {}, {}, tiny_.audit(audit));
    EXPECT_GE(record.entries.at(kThief).detail.size(), 999U);
    EXPECT_EQ(audit_from_text(audit_text(record)).entries.at(kThief).detail, record.entries[kThief].detail);
  }
}

/// Each level of evidence asks for all that the one before does.
TEST_F(Attack, EvidenceHasThreeLevels) {
  for (const Evidence evidence : {Evidence::claim, Evidence::hidden, Evidence::replay}) {
    SCOPED_TRACE(name_of(evidence));
    tiny_.task.audit.evidence = evidence;
    for (std::size_t i = 0; i < 3; ++i) {
      Submission submission = done_by_hand(tiny_, i);
      if (evidence != Evidence::replay) submission.header.chain.resize(1);
      tiny_.hand_in(i, submission);
    }
    AuditCase audit = tiny_.audit_case();
    for (const Finding& finding : tiny_.audit(audit)) {
      EXPECT_EQ(finding.verdict, evidence == Evidence::replay ? Verdict::ok : Verdict::ok_unproven);
      EXPECT_EQ(finding.hidden_correct >= 0, evidence != Evidence::claim);
      EXPECT_EQ(finding.links_replayed.empty(), evidence != Evidence::replay);
    }
    audit.majority_correct = static_cast<std::int64_t>(audit.hidden_images.size());
    for (const Finding& finding : tiny_.audit(audit))
      EXPECT_EQ(finding.verdict, evidence == Evidence::claim ? Verdict::ok_unproven : Verdict::baseline);
    Submission submission = tiny_.submitted(kThief);
    --submission.header.claim.correct;
    tiny_.hand_in(kThief, submission);
    EXPECT_EQ(tiny_.audit(tiny_.audit_case())[kThief].verdict, Verdict::claim);
  }
}

}  // namespace
}  // namespace cohort::round
