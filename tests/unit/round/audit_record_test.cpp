#include "cohort/round/audit_record.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "cohort/core/error.hpp"
#include "unit/round/audited_round.hpp"

namespace cohort::round {
namespace {

std::string problems_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const DataError& e) {
    return e.what();
  }
  return "none";
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(AuditRecord, TravelsThroughItsText) {
  AuditRecord record = audited_round();
  record.coalitions = Coalitions{{"device-01", "device-05"}, {400, 450, 390, 440}};
  const std::string text = audit_text(record);
  const AuditRecord again = audit_from_text(text);
  EXPECT_EQ(audit_text(again), text);
  EXPECT_EQ(audit_digest(record), sha256(text));
  EXPECT_EQ(again.entries[2].verdict, Verdict::ok_unproven);
  EXPECT_EQ(again.entries[2].evidence, Evidence::hidden);
  EXPECT_EQ(again.entries[3].hidden_correct, -1);
  EXPECT_EQ(again.entries[3].detail, "claimed 91 of 100, counted 90");
  EXPECT_EQ(again.entries[0].links_replayed, (std::vector<std::int64_t>{1, 4, 9}));
  EXPECT_EQ(again.entries[1].key, record.entries[1].key);
  EXPECT_EQ(again.coalitions->utilities, record.coalitions->utilities);
  EXPECT_EQ(again.hidden.incumbent_correct, 400);
}

TEST(AuditRecord, IsTheSameTextInAnyOrderAndSpacing) {
  AuditRecord record = audited_round();
  const std::string text = audit_text(record);
  std::reverse(record.entries.begin(), record.entries.end());
  EXPECT_EQ(audit_text(record), text);
  std::string packed = text;
  std::erase(packed, '\n');
  EXPECT_NE(packed, text);
  EXPECT_EQ(audit_digest(audit_from_text(packed)), sha256(text));
}

TEST(AuditRecord, SaysAllProblemsAtOnce) {
  std::string text = audit_text(audited_round());
  text = replaced(text, "\"verdict\": \"OK\"", "\"verdict\": \"OKAY\"");
  text = replaced(text, "\"micro_batches\": 400", "\"micro_batch\": 400");
  text = replaced(text, "\"round\": 2", "\"round\": \"2\"");
  const std::string what = problems_of([&] { static_cast<void>(audit_from_text(text)); });
  EXPECT_NE(what.find("entries[0].verdict: unknown verdict 'OKAY'"), std::string::npos) << what;
  EXPECT_NE(what.find("entries[0].micro_batches: JSON: member 'micro_batches' is missing"), std::string::npos)
      << what;
  EXPECT_NE(what.find("unknown member 'micro_batch'; did you mean 'micro_batches'?"), std::string::npos)
      << what;
  EXPECT_NE(what.find("round: "), std::string::npos) << what;
}

TEST(AuditRecord, RefusesWhatIsNoRecord) {
  const std::string text = audit_text(audited_round());
  for (const std::string& bad :
       {std::string(), std::string("[]"), std::string("{}"), std::string("7"),
        text.substr(0, text.size() / 2), replaced(text, "cohort.audit/1", "cohort.audit/2"),
        replaced(text, "\"hidden\": {", "\"hidden\": [], \"x\": {")})
    EXPECT_THROW(static_cast<void>(audit_from_text(bad)), DataError) << bad;
}

TEST(AuditRecord, RefusesWhatCannotBe) {
  const std::vector<std::pair<std::string, std::function<void(AuditRecord&)>>> cases{
      {"device-01: hidden_correct is 501", [](AuditRecord& r) { r.entries[0].hidden_correct = 501; }},
      {"device-01: hidden_correct is -2", [](AuditRecord& r) { r.entries[0].hidden_correct = -2; }},
      {"device-01: hidden_correct is 450, but evidence claim",
       [](AuditRecord& r) { r.entries[0].evidence = Evidence::claim, r.entries[0].hidden_correct = 450; }},
      {"device-01: claim_correct is 101", [](AuditRecord& r) { r.entries[0].claim_correct = 101; }},
      {"device-01: micro_batches is -1", [](AuditRecord& r) { r.entries[0].micro_batches = -1; }},
      {"device-02: the key is another", [](AuditRecord& r) { r.entries[1].key = r.entries[0].key; }},
      {"one stands twice", [](AuditRecord& r) { r.entries[1].member = "device-01"; }},
      {"links_replayed",
       [](AuditRecord& r) {
         r.entries[0].links_replayed = {4, 4};
       }},
      {"links_replayed", [](AuditRecord& r) { r.entries[0].links_replayed = {0}; }},
      {"EIP-55",
       [](AuditRecord& r) {
         r.entries[0].address[3] = 'A';
         r.entries[0].address[2] = 'A';
       }},
      {"majority_correct is 501", [](AuditRecord& r) { r.hidden.majority_correct = 501; }},
      {"incumbent_correct is -1", [](AuditRecord& r) { r.hidden.incumbent_correct = -1; }},
      {"round is 0", [](AuditRecord& r) { r.round = 0; }},
      {"not plain text", [](AuditRecord& r) { r.entries[0].detail = "a\x1b[2J"; }},
      {"not plain text", [](AuditRecord& r) { r.entries[0].member = std::string("a\nb"); }},
      {"2^N",
       [](AuditRecord& r) {
         r.coalitions = Coalitions{{"device-01"}, {1, 2, 3}};
       }},
      {"no entry",
       [](AuditRecord& r) {
         r.coalitions = Coalitions{{"device-09"}, {1, 2}};
       }},
      {"device-04 was refused",
       [](AuditRecord& r) {
         r.coalitions = Coalitions{{"device-04"}, {1, 2}};
       }},
      {"copies count once",
       [](AuditRecord& r) {
         r.entries[1].model = r.entries[0].model;
         r.coalitions = Coalitions{{"device-01", "device-02"}, {1, 2, 3, 4}};
       }},
      {"a utility is 501",
       [](AuditRecord& r) {
         r.coalitions = Coalitions{{"device-01"}, {1, 501}};
       }},
  };
  for (const auto& [expected, spoil] : cases) {
    AuditRecord record = audited_round();
    spoil(record);
    const std::string what = problems_of([&] { static_cast<void>(audit_text(record)); });
    EXPECT_NE(what.find(expected), std::string::npos) << expected << ": " << what;
  }
}

TEST(AuditRecord, KnowsItsBaseline) {
  EXPECT_EQ(baseline_correct({{}, 500, 250, 400}), 400);
  EXPECT_EQ(baseline_correct({{}, 500, 410, 400}), 410);
  AuditRecord record = audited_round();
  EXPECT_TRUE(has_accepted(record));
  for (AuditEntry& entry : record.entries) entry.verdict = Verdict::claim;
  EXPECT_FALSE(has_accepted(record));
}

}  // namespace
}  // namespace cohort::round
