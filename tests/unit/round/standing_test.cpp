#include "cohort/round/standing.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "unit/round/audited_round.hpp"
#include "unit/store/folder.hpp"

namespace cohort::round {
namespace {
namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

Standing standing_of(const Task& task, const Amount& stake = 1000) {
  Standing standing;
  standing.terms.stake = stake;
  join(standing, task);
  return standing;
}

Task task_of(const AuditRecord& record, std::int64_t rounds = 3) {
  Task task;
  task.rounds = rounds;
  task.classes = {"benign", "malignant"};
  for (const AuditEntry& entry : record.entries)
    task.members.push_back({entry.member, entry.key, entry.address});
  return task;
}

const MemberStanding& member(const Standing& standing, const std::string& name) {
  return *std::ranges::find_if(standing.members, [&](const auto& known) { return known.member == name; });
}

/// Rounds 1, 2, … of the members of `audited_round`, with these verdicts of device-01.
Standing after(const std::vector<Verdict>& verdicts) {
  AuditRecord record = audited_round();
  Standing standing = standing_of(task_of(record));
  for (const Verdict verdict : verdicts) {
    record.entries[0].verdict = verdict;
    record.round = static_cast<std::int64_t>(standing.rounds.size()) + 1;
    fold(standing, record);
  }
  return standing;
}

TEST(Standing, CountsAcceptedRoundsAndTakesTheStakeOfAFault) {
  const Standing standing = after({Verdict::ok, Verdict::baseline, Verdict::late, Verdict::ok_unproven});
  EXPECT_EQ(member(standing, "device-01").score, 3) << "late costs the round only";
  EXPECT_EQ(member(standing, "device-01").rounds, 4);
  EXPECT_EQ(member(standing, "device-01").stake(), Amount(1000));
  EXPECT_EQ(member(standing, "device-05").score, 4) << "accepted, though unpaid";
  const MemberStanding& cheat = member(standing, "device-04");  // CLAIM in each round
  EXPECT_EQ(cheat.score, 0);
  EXPECT_EQ(cheat.faults, 4);
  EXPECT_EQ(cheat.lost, Amount(1000)) << "once: there was no more";
  ASSERT_EQ(standing.rounds.size(), 4U);
  ASSERT_EQ(standing.rounds[0].lost.size(), 1U);
  EXPECT_EQ(standing.rounds[0].lost[0].member, "device-04");
  EXPECT_EQ(standing.rounds[0].lost[0].stake, Amount(1000));
  EXPECT_THAT(standing.rounds[1].lost, IsEmpty());
}

TEST(Standing, FallsToTwoThirdsByAFaultAndAuditsMoreThen) {
  Standing standing = after({Verdict::ok, Verdict::ok, Verdict::ok, Verdict::ok, Verdict::ok, Verdict::ok});
  const auto rate = [&] { return next_audit_rate(member(standing, "device-01"), standing.terms); };
  EXPECT_EQ(rate().denominator, 7);
  AuditRecord record = audited_round();
  record.entries[0].verdict = Verdict::chain;
  fold(standing, record);
  EXPECT_EQ(member(standing, "device-01").score, 4);
  EXPECT_EQ(rate().denominator, 5);
  standing.terms.least_rate = {1, 2};
  EXPECT_EQ(rate().denominator, 2) << "the floor";
}

TEST(Standing, AsksForTheStakeWithWhichCheatingDoesNotPay) {
  Standing standing = after({Verdict::ok, Verdict::ok, Verdict::ok});
  EXPECT_TRUE(next_stake(member(standing, "device-01"), standing.terms).is_zero()) << "no cost is known";
  standing.terms.cost = 100;
  standing.terms.reward = 120;
  EXPECT_EQ(next_stake(member(standing, "device-01"), standing.terms), Amount(280)) << "100 / (1/4) - 120";
  EXPECT_EQ(next_stake(member(standing, "device-04"), standing.terms), Amount(0)) << "is always audited";
}

// Whoever can put a file into another's place must not be able to burn that one's stake.
TEST(Standing, BlamesMembersForWhatTheySignedAlone) {
  const Digest parent = sha256("parent");
  const auto is_own = [&](Verdict verdict, Evidence evidence = Evidence::replay) {
    AuditEntry entry = audited("device-01", 1, verdict);
    entry.evidence = evidence;
    return is_own_fault(entry, parent);
  };
  for (const Verdict own :
       {Verdict::spec, Verdict::non_finite, Verdict::claim, Verdict::statistics, Verdict::chain})
    EXPECT_TRUE(is_own(own)) << name_of(own);
  for (const Verdict anybodys : {Verdict::format, Verdict::size, Verdict::signature, Verdict::replayed,
                                 Verdict::late, Verdict::transient, Verdict::ok, Verdict::baseline})
    EXPECT_FALSE(is_own(anybodys)) << name_of(anybodys);
  EXPECT_TRUE(is_own(Verdict::duplicate)) << "the replay found the thief";
  EXPECT_FALSE(is_own(Verdict::duplicate, Evidence::claim)) << "it may be the one who was copied";
  AuditEntry entry = audited("device-01", 1, Verdict::duplicate);
  entry.evidence = Evidence::claim;
  entry.model = parent;
  EXPECT_TRUE(is_own_fault(entry, parent)) << "untrained";
  entry = audited("device-01", 1, Verdict::non_finite);
  entry.submission = {};
  EXPECT_FALSE(is_own_fault(entry, parent)) << "nobody read as far as the signature";

  const Standing standing = after({Verdict::ok, Verdict::ok, Verdict::ok, Verdict::signature});
  EXPECT_EQ(member(standing, "device-01").score, 3);
  EXPECT_EQ(member(standing, "device-01").faults, 0);
  EXPECT_EQ(member(standing, "device-01").stake(), Amount(1000));
}

TEST(Standing, MarksANegativeShapleyValue) {
  AuditRecord record = audited_round();
  record.hidden = {sha256("hidden"), 500, 250, 200};
  record.entries = {audited("a", 400), audited("b", 200), audited("b-again", 200),
                    audited("c", 1, Verdict::late)};
  record.entries[2].model = record.entries[1].model;
  record.coalitions = Coalitions{{"a", "b"}, {250, 400, 200, 300}};  // b takes away 75 on average
  Standing standing = standing_of(task_of(record));
  for (MemberStanding& known : standing.members) known.score = 6;
  fold(standing, record);
  EXPECT_EQ(member(standing, "a").score, 7);
  EXPECT_EQ(member(standing, "b").score, 4);
  EXPECT_EQ(member(standing, "b-again").score, 4) << "a copy of it";
  EXPECT_EQ(member(standing, "c").score, 6);
  EXPECT_EQ(member(standing, "b").stake(), Amount(1000)) << "honest work: no stake is lost";
  EXPECT_EQ(member(standing, "b").faults, 0);
}

TEST(Standing, WaitsForAWholeAudit) {
  AuditRecord record = audited_round();
  Standing standing = standing_of(task_of(record));
  record.entries[1].verdict = Verdict::transient;
  EXPECT_THROW(fold(standing, record), DataError);
  record = audited_round();
  record.entries.push_back(audited("device-06", 430));
  EXPECT_THROW(fold(standing, record), DataError);
}

TEST(Standing, TakesFurtherDeposits) {
  Standing standing = after({Verdict::claim});
  EXPECT_TRUE(member(standing, "device-01").stake().is_zero());
  deposit(standing, "device-01", 1500);
  deposit(standing, "device-01", 1500);
  EXPECT_EQ(member(standing, "device-01").stake(), Amount(500));
  EXPECT_THROW(deposit(standing, "device-01", 1499), UsageError);
  EXPECT_THROW(deposit(standing, "device-77", 5000), UsageError);
  AuditRecord record = audited_round();
  record.round = 2;
  record.entries[0].verdict = Verdict::claim;
  fold(standing, record);
  EXPECT_EQ(standing.rounds[1].lost[0].stake, Amount(500));
  EXPECT_EQ(standing_text(standing_from_text(standing_text(standing))), standing_text(standing));
}

TEST(Standing, ReadsBackAndRefusesWhatDoesNotFollow) {
  Standing standing = after({Verdict::ok, Verdict::chain});
  standing.terms = {1000, 100, 120, {1, 10}};
  const std::string text = standing_text(standing);
  EXPECT_EQ(standing_text(standing_from_text(text)), text);
  EXPECT_THAT(text, HasSubstr("\"burned\": \"800\""));
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"stake\": \"0\"", "\"stake\": \"9\""},
           {"\"next_audit_rate\": \"1/3\"", "\"next_audit_rate\": \"1/4\""},
           {"\"burned\": \"800\"", "\"burned\": \"700\""},
           {"\"lost\": \"1000\"", "\"lost\": \"900\""},
           {"\"score\": 2", "\"score\": 3"},
           {"\"score\": 2", "\"score\": -1"},
           {"\"round\": 2", "\"round\": 3"},
           {"\"least_rate\": \"1/10\"", "\"least_rate\": \"1/1000\""},
           {"\"faults\"", "\"flaws\""},
           {"cohort.standing/1", "cohort.standing/2"},
           {"{\n", "{ \n"}}) {
    std::string changed = text;
    const std::size_t at = changed.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    EXPECT_THROW(static_cast<void>(standing_from_text(changed.replace(at, what.size(), with))), DataError)
        << what;
  }
}

class SettledRun : public store::FolderTest {
 protected:
  SettledRun() { write_task(task_); }

  void write_task(const Task& task) const {
    fs::create_directories(run_);
    store::write_text_atomically(run_ / "task.json", to_json(task).dump(1) + "\n");
  }
  /// A round that is done, whose device-01 has this verdict.
  void write_round(std::int64_t round, Verdict verdict = Verdict::ok) {
    AuditRecord record = audited_round();
    record.task = task_digest(task_);
    record.round = round;
    record.entries[0].verdict = verdict;
    for (AuditEntry& entry : record.entries) entry.evidence = task_.audit.evidence;
    fs::create_directories(RoundPaths{run_}.round(round));
    write_audit(audit_of(round), record);
    store::write_text_atomically(RoundPaths{run_}.record(round), to_json(done_round(record)).dump());
  }
  [[nodiscard]] fs::path audit_of(std::int64_t round) const {
    return RoundPaths{run_}.round(round) / "audit.json";
  }
  Settlement settle_it(Standing& standing, bool takes_new_task = false) const {
    return settle(standing, run_, takes_new_task);
  }

  fs::path run_ = path("run");
  Task task_ = task_of(audited_round());
};

TEST_F(SettledRun, FoldsEachRoundOnce) {
  Standing stepwise, at_once;
  EXPECT_EQ(settle_it(stepwise).folded, 0);
  EXPECT_EQ(stepwise.members.size(), 5U) << "joined before the first round";
  for (std::int64_t round = 1; round <= 3; ++round) {
    write_round(round, round == 2 ? Verdict::claim : Verdict::ok);
    const Settlement result = settle_it(stepwise);
    EXPECT_EQ(result.folded, 1);
    EXPECT_EQ(result.known, round - 1);
    const std::string text = standing_text(stepwise);
    EXPECT_EQ(settle_it(stepwise).folded, 0);
    EXPECT_EQ(standing_text(stepwise), text);
  }
  EXPECT_EQ(settle_it(at_once).folded, 3);
  EXPECT_EQ(standing_text(at_once), standing_text(stepwise));
  EXPECT_EQ(member(at_once, "device-02").score, 3);
  EXPECT_EQ(member(at_once, "device-01").score, 1);
}

TEST_F(SettledRun, LeavesRoundsThatAreNotDone) {
  write_round(1);
  write_round(2);
  fs::remove(RoundPaths{run_}.record(2));
  Standing standing;
  EXPECT_EQ(settle_it(standing).folded, 1);
}

TEST_F(SettledRun, RefusesAnotherHistory) {
  write_round(1);
  write_round(2);
  Standing standing;
  EXPECT_EQ(settle_it(standing).folded, 2);
  write_round(2, Verdict::baseline);
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("round 2 of ")));
  write_round(2);
  fs::remove(RoundPaths{run_}.record(2));
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("has 1 rounds, but 2")));
}

TEST_F(SettledRun, TakesAnotherTaskOnlyWhenToldAndNeverGoesBack) {
  write_round(1);
  Standing standing;
  EXPECT_EQ(settle_it(standing).folded, 1);
  const Task first = task_;
  task_.round_steps = 77;
  task_.members.pop_back();
  task_.members.push_back({"device-09", sha256("a new key"), ""});
  write_task(task_);
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("--new-task")));
  fs::remove_all(run_ / "rounds");
  EXPECT_EQ(settle_it(standing, true).folded, 0);
  EXPECT_EQ(standing.members.size(), 6U);
  EXPECT_EQ(member(standing, "device-01").score, 1) << "a record follows its key";
  task_ = first;
  write_task(task_);
  write_round(1);
  EXPECT_EQ(settle_it(standing).folded, 0) << "nothing new in it";
  write_round(2);
  EXPECT_THAT([&] { settle_it(standing, true); }, ThrowsMessage<DataError>(HasSubstr("another task")));
}

TEST_F(SettledRun, RefusesAnAuditThatIsNotTheRuns) {
  write_round(1);
  AuditRecord record = read_audit(audit_of(1));
  record.entries[0].verdict = Verdict::chain;
  write_audit(audit_of(1), record);
  Standing standing;
  EXPECT_THAT([&] { settle_it(standing); },
              ThrowsMessage<DataError>(HasSubstr("device-01.verdict: \"CHAIN\", round.json says \"OK\"")));
  record.entries[0].verdict = Verdict::ok;
  record.parent = sha256("another parent");
  write_audit(audit_of(1), record);
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("round.json names sha256:")));
  EXPECT_THAT(standing.members, IsEmpty());
}

TEST_F(SettledRun, RefusesAuditsThatAreNotTheTasks) {
  Standing standing;
  write_round(1);
  task_.members[0].address = "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359";
  write_task(task_);
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("the audit is of task ")));
  task_ = task_of(audited_round());
  write_task(task_);
  write_round(2);
  fs::rename(RoundPaths{run_}.round(2) / "audit.json", RoundPaths{run_}.round(1) / "audit.json");
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<DataError>(HasSubstr("it is of round 2")));
  fs::remove(RoundPaths{run_}.round(1) / "audit.json");
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<Error>(HasSubstr("is not there")));
  fs::remove(run_ / "task.json");
  EXPECT_THAT([&] { settle_it(standing); }, ThrowsMessage<Error>(HasSubstr("task.json is not there")));
}

}  // namespace
}  // namespace cohort::round
