// An audit that was changed behind its run: round.json tells.
#include "round/run_audit.hpp"

#include <gmock/gmock.h>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/round_case.hpp"
#include "unit/round/audited_round.hpp"
#include "unit/store/folder.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

class RunAudit : public store::FolderTest {
 protected:
  RunAudit() {
    fs::create_directories(folder_);
    write(done_round(record_));
  }

  void write(const RoundRecord& run) const { write_json(to_json(run)); }
  void write_json(const Json& json) const {
    store::write_text_atomically(folder_ / "round.json", json.dump() + "\n");
  }
  [[nodiscard]] std::vector<std::string> differences(const AuditRecord& record) const {
    return differences_from_run(folder_ / "round.json", record, task_);
  }
  /// Of the run's audit after `change`.
  template <typename Change>
  [[nodiscard]] std::string changed(const Change& change) const {
    AuditRecord record = record_;
    change(record);
    return joined(differences(record), "; ");
  }
  /// As whoever changes an audit would leave the folder: rewards follow from it.
  [[nodiscard]] std::string verified(const AuditRecord& record) const {
    for (const char* name : {"audit.json", "rewards.json", "payout.json"}) fs::remove(folder_ / name);
    const RewardTerms terms = terms_of(task_);
    write_rewards(folder_, record, compute_rewards(record, terms.pool, terms.options));
    return joined(verify_rewards(folder_, task_).differences, "; ");
  }

  AuditRecord record_ = audited_round();
  Task task_ = promised(record_);
  fs::path folder_ = path("rounds") / "002";
};

TEST_F(RunAudit, IsTheOneThatTheRunWrote) {
  EXPECT_THAT(differences(record_), IsEmpty());
  EXPECT_EQ(verified(record_), "");
  AuditRecord other = record_;
  other.parent = sha256("another parent");
  fs::remove(folder_ / "round.json");
  EXPECT_THAT(differences(other), IsEmpty()) << "no run to hold it against";
}

TEST_F(RunAudit, IsTheOneOfTheRoundInWhoseFolderItLies) {
  const RewardTerms terms = terms_of(task_);
  AuditRecord other = record_;
  for (const bool is_changed : {false, true}) {
    other.hidden.majority_correct += is_changed ? 1 : 0;
    const fs::path below = folder_ / (is_changed ? "changed" : "same");
    write_rewards(below, other, compute_rewards(other, terms.pool, terms.options));
    EXPECT_EQ(verify_rewards(below, task_).differences.empty(), !is_changed);
  }
}

TEST_F(RunAudit, NamesWhatTheRunSaysOtherwise) {
  const auto expect = [&](auto change, const char* difference) { EXPECT_EQ(changed(change), difference); };
  const auto entry = [](auto change) { return [change](AuditRecord& r) { change(r.entries[1]); }; };
  expect(entry([](AuditEntry& e) { e.verdict = Verdict::late; }),
         R"(entries.device-02.verdict: "LATE", round.json says "OK")");
  expect(entry([](AuditEntry& e) { e.hidden_correct = 431; }),
         "entries.device-02.hidden_correct: 431, round.json says 430");
  expect(entry([](AuditEntry& e) { e.claim_correct = 89; }),
         "entries.device-02.claim_correct: 89, round.json says 90");
  expect(entry([](AuditEntry& e) { e.validation_correct = 92; }),
         "entries.device-02.validation_correct: 92, round.json says 91");
  expect(entry([](AuditEntry& e) {
           e.links_replayed = {1, 9};
         }),
         "entries.device-02.links_replayed: [1, 9], round.json says [1, 4, 9]");
  expect(entry([](AuditEntry& e) { e.micro_batches = 401; }),
         "entries.device-02.micro_batches: 401, round.json says 400");
  expect(entry([](AuditEntry& e) { e.detail = "more"; }),
         R"(entries.device-02.detail: "more", round.json says "")");
  EXPECT_THAT(changed(entry([](AuditEntry& e) { e.model = {}; })), StartsWith("entries.device-02.model: "));
  EXPECT_THAT(changed(entry([](AuditEntry& e) { e.submission = {}; })),
              StartsWith("entries.device-02.submission: "));
  expect([](AuditRecord& r) { r.hidden.samples = 501; }, "hidden.samples: 501, round.json says 500");
  expect([](AuditRecord& r) { r.hidden.majority_correct = 251; },
         "hidden.majority_correct: 251, round.json says 250");
  expect([](AuditRecord& r) { r.hidden.incumbent_correct = 380; },
         "hidden.incumbent_correct: 380, round.json says 400");
  expect([](AuditRecord& r) { r.round = 3; }, "round: 3, round.json says 2");
  EXPECT_THAT(changed([](AuditRecord& r) { r.entries.pop_back(); }),
              StartsWith("entries.device-05: (absent), round.json says {"));
}

TEST_F(RunAudit, ShowsByItsDigestWhatTheRunDoesNotSay) {
  const auto shows = HasSubstr("audit.json: is sha256:");
  EXPECT_THAT(changed([](AuditRecord& r) { r.parent = sha256("another parent"); }), shows);
  EXPECT_THAT(changed([](AuditRecord& r) { r.hidden.digest = sha256("other images"); }), shows);
  record_.coalitions = Coalitions{{"device-01", "device-02"}, {400, 450, 430, 460}};
  write(done_round(record_));
  EXPECT_THAT(differences(record_), IsEmpty());
  EXPECT_THAT(changed([](AuditRecord& r) { r.coalitions->utilities[1] = 499; }), shows);
  EXPECT_THAT(changed([](AuditRecord& r) { r.coalitions.reset(); }), shows);
  task_ = {};
  EXPECT_THAT(changed([](AuditRecord& r) { r.entries[1].hidden_correct = 431; }), shows)
      << "without the task nothing can be named";
}

TEST_F(RunAudit, IsNotTakenOnTrustWhereTheRunNamesNone) {
  Json without = Json::object();
  const Json whole = to_json(done_round(record_));
  for (const auto& [name, value] : whole.as_object())
    if (name != "audit") without.set(name, value);
  write_json(without);
  EXPECT_THAT(differences(record_), ElementsAre(HasSubstr("round.json names no audit; an earlier version")));
}

TEST_F(RunAudit, IsHeldAgainstNoRecordOfOtherCandidates) {
  for (const std::int64_t candidate : {-1, 0, 5}) {
    RoundRecord run = done_round(record_);
    run.findings[1].candidate = candidate;
    write(run);
    EXPECT_THAT([&] { static_cast<void>(differences(record_)); },
                ThrowsMessage<DataError>(HasSubstr("'device-02', is none of the task's")));
  }
}

// What several train is one candidate in round.json.
TEST_F(RunAudit, DividesTheMicroBatchesOfContributorsAsTheTaskSays) {
  const std::vector<AuditEntry> members = {record_.entries.begin(), record_.entries.begin() + 4};
  task_.pool.rule = "micro-batches";
  task_.members.resize(1);
  for (const AuditEntry& member : members)
    task_.contributors.push_back({{member.member, member.key, member.address}, 6});
  Finding finding = finding_of(members[0], 0);
  finding.micro_batches = 24;
  record_ = audit_record(task_, 2, record_.parent, record_.hidden, std::vector{finding});
  RoundRecord run = done_round(record_);
  run.assignments.resize(1);
  run.failures.resize(1);
  run.findings = {finding};
  write(run);
  EXPECT_EQ(verified(record_), "");

  AuditRecord changed = record_;
  changed.entries[0].micro_batches = 21;
  for (std::size_t i = 1; i < 4; ++i) changed.entries[i].micro_batches = 1;
  EXPECT_EQ(verified(changed),
            "entries.device-01.micro_batches: 21, round.json says 6; "
            "entries.device-02.micro_batches: 1, round.json says 6; "
            "entries.device-03.micro_batches: 1, round.json says 6; "
            "entries.device-04.micro_batches: 1, round.json says 6");
  changed = record_;
  changed.entries[3].verdict = Verdict::chain;
  EXPECT_EQ(verified(changed), R"(entries.device-04.verdict: "CHAIN", round.json says "OK")");
}

TEST_F(RunAudit, IsVerifiedWithItsRewards) {
  AuditRecord changed = record_;
  changed.hidden.incumbent_correct = 380;
  EXPECT_EQ(verified(changed), "hidden.incumbent_correct: 380, round.json says 400");
  task_.pool.rule = "shapley";
  record_.task = task_digest(task_);
  record_.coalitions =
      Coalitions{{"device-01", "device-02", "device-03"}, {400, 450, 430, 460, 430, 455, 440, 470}};
  write(done_round(record_));
  EXPECT_EQ(verified(record_), "");
  changed = record_;
  changed.coalitions->utilities[1] = 499;
  EXPECT_THAT(verified(changed), StartsWith("audit.json: is sha256:"));
}

}  // namespace
}  // namespace cohort::round
