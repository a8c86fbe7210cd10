// A round audited from its files, and what must be there for it.
#include "cohort/round/filed_round.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "cheat.hpp"
#include "cohort/core/error.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/round/reward.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/examined.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// A run folder before its first record: the task, what was handed in, and the hidden images taken.
class FiledRoundTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Task rules = tiny_task();
    rules.audit.links = 0;
    shared_ = std::make_unique<TinyRound>("filed", rules);
    shared_->parent = initial_model(shared_->layout, shared_->task.recipe.seed);
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(shared_->train(i).state, CandidateState::submitted);
    rules_ = shared_->task;
    fs::rename(shared_->folder("run"), shared_->folder("clean"));
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    tiny_.task = rules_;
    fs::remove_all(run_);
    fs::copy(tiny_.folder("clean"), run_, fs::copy_options::recursive);
    write_task(to_json(tiny_.task));
  }
  void write_task(const Json& task) const { store::write_text_atomically(paths_.task(), task.dump() + "\n"); }
  /// Counts are all that is asked for.
  void ask_for_claims() const {
    tiny_.task.audit.evidence = Evidence::claim;
    tiny_.task.pool.pool.clear();
    write_task(to_json(tiny_.task));
  }
  void take_hidden() const {
    HiddenLedger(paths_.ledger(), tiny_.hidden).take(task_digest(tiny_.task), 1, 30, sha256("seed"));
  }
  FiledRound filed(const data::Dataset* hidden) const { return {run_, 1, tiny_.dataset, hidden}; }
  FiledAudit audit(const FiledRound& round, const std::optional<ForeignSubmission>& foreign = {}) const {
    Workers workers = tiny_.workers();
    return round.audit(workers, foreign);
  }

  static inline std::unique_ptr<TinyRound> shared_;
  static inline Task rules_;
  TinyRound& tiny_ = *shared_;
  const fs::path run_ = tiny_.folder("run");
  const RoundPaths paths_{run_};
};

TEST_F(FiledRoundTest, IsAuditedWithItsHiddenImages) {
  take_hidden();
  const FiledAudit found = audit(filed(&tiny_.hidden));
  ASSERT_EQ(found.findings.size(), 3U);
  for (const Finding& finding : found.findings) {
    EXPECT_TRUE(may_merge(finding.verdict)) << finding.detail;
    EXPECT_GE(finding.hidden_correct, 0);
  }
  EXPECT_EQ(found.record.hidden.samples, 30);
}

TEST_F(FiledRoundTest, IsNotAuditedWithoutThem) {
  EXPECT_THAT([&] { audit(filed(&tiny_.hidden)); },
              ThrowsMessage<DataError>(
                  AllOf(HasSubstr("hidden-ledger.json"), HasSubstr("no hidden images of round 1"))));
  take_hidden();
  EXPECT_THAT([&] { audit(filed(nullptr)); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("expected at"), HasSubstr("tiny.hidden.h5"))));
}

TEST_F(FiledRoundTest, NeedsNoHiddenImagesWithEvidenceClaim) {
  ask_for_claims();
  for (std::size_t i = 0; i < 3; ++i) {
    Submission submission = done_by_hand(tiny_, i);
    tiny_.hand_in(i, submission);
  }
  for (const data::Dataset* hidden : {&tiny_.hidden, static_cast<data::Dataset*>(nullptr)}) {
    const FiledAudit found = audit(filed(hidden));
    for (const Finding& finding : found.findings) {
      EXPECT_EQ(finding.verdict, Verdict::ok_unproven) << finding.detail;
      EXPECT_EQ(finding.hidden_correct, -1);
    }
    EXPECT_EQ(found.record.hidden.samples, 0);
    EXPECT_EQ(found.record.hidden.digest, Digest{});
  }
}

TEST_F(FiledRoundTest, FindsACopyAmongWhatOthersHandedIn) {
  ask_for_claims();
  Submission original = done_by_hand(tiny_, 0);
  tiny_.hand_in(0, original);
  const Model model{copy_of(original.parameters.span()), copy_of(original.statistics.span())};
  Submission stolen = around(tiny_, 1, model, done_by_hand(tiny_, 1).header.chain);
  tiny_.hand_in(1, stolen);
  const fs::path file = run_ / "stolen.h5";
  fs::rename(tiny_.files(1).submission, file);
  const FiledAudit found = audit(filed(nullptr), ForeignSubmission{"device-02", file, {}});
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].verdict, Verdict::duplicate) << found.findings[0].detail;

  // The owner's file cannot be read for a while: nobody can say then whose model it is.
  const fs::path handed_in = tiny_.files(0).submission.parent_path();
  fs::rename(handed_in, run_ / "aside");
  fs::create_directory_symlink(std::string(300, 'n'), handed_in);  // longer than a name may be
  EXPECT_THAT(
      [&] {
        audit(filed(nullptr), ForeignSubmission{"device-02", file, {}});
      },
      ThrowsMessage<Error>(HasSubstr("could not audit device-01: this machine cannot read it")));
}

TEST_F(FiledRoundTest, TakesAParentByNameWhereClaimsAreAllThatCounts) {
  const auto by_name = [&](const Submission& parent) {
    return FiledRound(run_, 2, tiny_.dataset, nullptr,
                      Model{copy_of(parent.parameters.span()), copy_of(parent.statistics.span())});
  };
  const auto refuses = [&](const Submission& parent, const std::string& words) {
    EXPECT_THAT([&] { by_name(parent); }, ThrowsMessage<UsageError>(HasSubstr(words)));
  };
  const Submission merged = tiny_.submitted(1), other = tiny_.submitted(2);
  refuses(merged, "evidence replay asks for the records");
  ask_for_claims();
  EXPECT_THAT([&] { FiledRound(run_, 2, tiny_.dataset, nullptr); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("round.json: no such file"), HasSubstr("--parent"))));
  Submission second = done_by_hand(tiny_, 0);
  second.header.round = 2;
  second.header.parent = merged.header.model;
  second.header.recipe = train::recipe_text(work_recipe(tiny_.work(0, 2)));
  sign(second, tiny_.coordinator.keys.at(0));
  const fs::path file = run_ / "second.h5";
  save_submission(file, tiny_.layout, second);
  const auto verdict = [&](const Submission& parent) {
    return audit(by_name(parent), ForeignSubmission{"device-01", file, {}}).findings.at(0).verdict;
  };
  EXPECT_EQ(verdict(merged), Verdict::ok_unproven);
  const Digest misnamed = other.header.model;
  EXPECT_THAT(
      [&] { verdict(other); },
      ThrowsMessage<DataError>(AllOf(HasSubstr(to_hex(misnamed)), HasSubstr(to_hex(merged.header.model)),
                                     HasSubstr("is not the model that this submission started from"))))
      << "the auditor errs, not the member";
  EXPECT_THAT(
      [&] {
        FiledRound(run_, 1, tiny_.dataset, nullptr,
                   Model{copy_of(merged.parameters.span()), copy_of(merged.statistics.span())});
      },
      ThrowsMessage<UsageError>(HasSubstr("round 1 starts from the task's first model")));
  for (const char* record : {"rounds/001/round.json", "rounds/002/round.json"}) {
    fs::create_directories((run_ / record).parent_path());
    store::write_text_atomically(run_ / record, "{}");
    refuses(merged, concat(record, " and the run's other records say"));
    fs::remove(run_ / record);
  }
  tiny_.task.merge.rule = MergeRule::none;
  write_task(to_json(tiny_.task));
  refuses(merged, "merges nothing");
}

TEST_F(FiledRoundTest, MarksAnAuditOfOneSubmissionThatNobodyIsPaidBy) {
  take_hidden();
  const FiledAudit one =
      audit(filed(&tiny_.hidden), ForeignSubmission{"device-02", tiny_.files(1).submission, {}});
  EXPECT_TRUE(one.record.is_partial);
  EXPECT_TRUE(audit_from_text(audit_text(one.record)).is_partial);
  EXPECT_FALSE(audit(filed(&tiny_.hidden)).record.is_partial);
  RewardOptions options;
  options.is_demonstration = true;
  EXPECT_THAT([&] { compute_rewards(one.record, 1000, options); },
              ThrowsMessage<DataError>(HasSubstr("one submission alone")));
}

/// A second submission of the first member, forged in its last link: an audit always finds it.
class SecondSubmission : public FiledRoundTest {
 protected:
  void SetUp() override {
    FiledRoundTest::SetUp();
    take_hidden();
    Submission forged =
        done_by_hand(tiny_, 0, {kTinyLinks, [](train::Recipe& recipe) { recipe.label_smoothing = 0.2; }});
    sign(forged, tiny_.coordinator.keys.at(0));
    fs::create_directories(forged_.parent_path());
    save_submission(forged_, tiny_.layout, forged);
  }
  Finding audited(const fs::path& file) const {
    return audit(filed(&tiny_.hidden), ForeignSubmission{"device-01", file, {}}).findings.at(0);
  }
  /// The first of many beacons by which `link` is replayed.
  static Digest beacon_of(const AuditCase& audit, const Finding& finding, std::int64_t link) {
    for (int i = 0;; ++i) {
      const Digest beacon = sha256(concat("beacon ", i));
      const std::vector<std::int64_t> asked =
          links_to_replay(beacon, finding.submission, links_of(audit.task), audit.task.audit.links, {});
      if (std::ranges::count(asked, link) > 0) return beacon;
    }
  }

  const fs::path forged_ = run_ / "strangers" / "forged.h5", honest_ = tiny_.files(0).submission;
};

TEST_F(SecondSubmission, IsLateWhateverItIs) {
  EXPECT_EQ(audited(forged_).verdict, Verdict::chain);
  const Finding late = audited(honest_);
  EXPECT_EQ(late.verdict, Verdict::late) << late.detail;
  EXPECT_THAT(late.detail, HasSubstr("by which this round has examined the member"));
  EXPECT_EQ(late.claim_correct, -1);
  EXPECT_TRUE(late.links_replayed.empty());
  EXPECT_EQ(audited(forged_).verdict, Verdict::chain) << "the first one may be audited again";

  const FiledAudit all = audit(filed(&tiny_.hidden));
  EXPECT_EQ(all.findings.at(0).verdict, Verdict::late);
  for (const std::size_t other : {1U, 2U}) EXPECT_TRUE(may_merge(all.findings.at(other).verdict));
  RewardOptions options;
  options.is_demonstration = true;
  for (const MemberReward& member : compute_rewards(all.record, 1000, options).members)
    EXPECT_TRUE(member.member != "device-01" || member.amount.is_zero());
}

TEST_F(SecondSubmission, CannotFollowAnAuditOfTheWholeRoundEither) {
  const FiledAudit whole = audit(filed(&tiny_.hidden));
  for (const Finding& finding : whole.findings) EXPECT_TRUE(may_merge(finding.verdict)) << finding.detail;
  EXPECT_EQ(audited(forged_).verdict, Verdict::late);
  EXPECT_EQ(audited(honest_).verdict, whole.findings.at(0).verdict);
}

TEST_F(SecondSubmission, IsNotAuditedAgainUntilNobodyLooksAtItsForgedLink) {
  tiny_.task.audit.links = 1;  // one of the two links in the middle
  write_task(to_json(tiny_.task));
  fs::remove(paths_.ledger());
  take_hidden();
  Submission forged =
      done_by_hand(tiny_, 0, {2, [](train::Recipe& recipe) { recipe.label_smoothing = 0.2; }});
  sign(forged, tiny_.coordinator.keys.at(0));
  fs::remove(forged_);
  save_submission(forged_, tiny_.layout, forged);
  const auto is_caught = [&] { return audited(forged_).verdict == Verdict::chain; };
  int tries = 0;
  while (tries < 64 && !is_caught()) ++tries;
  ASSERT_LT(tries, 64) << "never hit";
  for (int again = 0; again < 12; ++again) EXPECT_TRUE(is_caught()) << again;
  const Json entry = Json::parse(store::read_text(paths_.examined(1))).at("members").as_array().front();
  EXPECT_THAT(entry.at("doubted_links").dump(), AnyOf("[2, 4]", "[2, 3, 4]")) << "the first link held";
}

TEST_F(SecondSubmission, IsReplayedWhereAnAuditWasToDoSoButEndedBefore) {
  // As when this machine cannot read a state, or is switched off in the middle of a replay.
  tiny_.task.audit.links = 1;
  AuditCase audit{tiny_.task, 1, tiny_.dataset, tiny_.partition, {}, &tiny_.hidden, {}, 0, {}};
  Finding of_honest;
  of_honest.submission = submission_digest(tiny_.submitted(0).header);
  of_honest.verdict = Verdict::ok;
  FirstLook look{of_honest, std::nullopt};
  hold_to_first(paths_.examined(1), audit, std::span(&look, 1), KeepExamined::yes);

  doubt_links(paths_.examined(1), audit, look, beacon_of(audit, of_honest, 2));
  EXPECT_THAT(doubted_links(paths_.examined(1), audit, of_honest), ElementsAre(1, 2, 4));
  of_honest.links_replayed = {1};
  trust_replayed_links(paths_.examined(1), audit, of_honest);
  EXPECT_THAT(doubted_links(paths_.examined(1), audit, of_honest), ElementsAre(2, 4));
  doubt_links(paths_.examined(1), audit, look, beacon_of(audit, of_honest, 3));
  EXPECT_THAT(doubted_links(paths_.examined(1), audit, of_honest), ElementsAre(1, 2, 3, 4))
      << "what one audit doubts, another one does not forget";
}

TEST_F(SecondSubmission, HoldsAgainOnceItsMissingStateIsThere) {
  fs::rename(tiny_.files(0).links, run_ / "elsewhere");
  fs::create_directories(tiny_.files(0).links);
  EXPECT_EQ(audited(honest_).verdict, Verdict::chain);
  fs::remove_all(tiny_.files(0).links);
  fs::rename(run_ / "elsewhere", tiny_.files(0).links);
  const Finding found = audited(honest_);
  EXPECT_TRUE(may_merge(found.verdict)) << found.detail;
}

TEST_F(SecondSubmission, MayFollowWhatWasRefusedBeforeAReplay) {
  Submission unsigned_one = tiny_.submitted(0);
  unsigned_one.signature.reset();
  Submission other_recipe = tiny_.submitted(0);
  other_recipe.header.recipe.front().second += "0";
  sign(other_recipe, tiny_.coordinator.keys.at(0));
  fs::remove(forged_);
  for (const Submission* refused : {&unsigned_one, &other_recipe}) {
    save_submission(forged_, tiny_.layout, *refused);
    EXPECT_FALSE(may_merge(audited(forged_).verdict));
    fs::remove(forged_);
  }
  EXPECT_FALSE(fs::exists(paths_.examined(1)));
  EXPECT_TRUE(may_merge(audited(honest_).verdict));
}

TEST_F(SecondSubmission, IsRefusedByARecordOfThisRoundAlone) {
  audited(honest_);
  const Json record = Json::parse(store::read_text(paths_.examined(1)));
  const auto refuses = [&](const Json& changed, const std::string& words) {
    store::write_text_atomically(paths_.examined(1), changed.dump());
    EXPECT_THAT([&] { audited(honest_); },
                ThrowsMessage<DataError>(AllOf(HasSubstr("examined.json"), HasSubstr(words))));
  };
  refuses(Json(record).set("round", 2), "another task or round");
  refuses(Json(record).set("task", to_hex(sha256("another"))), "another task or round");
  refuses(Json(record).set("schema", "cohort.other/1"), "not a record");
  refuses(Json(record).set("members", Json::array().push(Json::object().set("member", "device-01"))), "key");
  Json twice = record.at("members");
  twice.push(twice.as_array().front());
  refuses(Json(record).set("members", twice), "stands twice");
}

TEST_F(FiledRoundTest, TakesTheLocalSecretForItsOwnKeysAlone) {
  take_hidden();
  EXPECT_EQ(audit(filed(&tiny_.hidden)).beacon, "of the run's own coordinator");
  tiny_.task.members[2].key = tiny_.coordinator.keys.at(0).public_key();
  tiny_.task.members[0].key = tiny_.coordinator.keys.at(2).public_key();
  write_task(to_json(tiny_.task));
  for (const fs::path& of_the_former_task : {paths_.ledger(), paths_.examined(1)})
    fs::remove(of_the_former_task);
  take_hidden();
  EXPECT_EQ(audit(filed(&tiny_.hidden)).beacon, "drawn now, at random");
}

TEST_F(FiledRoundTest, EndsWhereThisMachineCannotAudit) {
  take_hidden();
  const FiledRound round = filed(&tiny_.hidden);
  const fs::path unreadable = run_ / std::string(300, 'n');  // longer than a name may be
  EXPECT_THAT(
      [&] {
        audit(round, ForeignSubmission{"device-02", unreadable, {}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("could not audit device-02: this machine cannot read it"),
                                 HasSubstr(concat(" (", unreadable.string(), ": ")))));
  const fs::path own = tiny_.files(1).submission;
  EXPECT_THAT(
      [&] {
        audit(round, ForeignSubmission{"device-02", own, unreadable});
      },
      ThrowsMessage<Error>(HasSubstr("could not audit device-02: this machine cannot read it")));
}

TEST_F(FiledRoundTest, RefusesTasksThatItCannotCompute) {
  write_task(to_json(tiny_.task).set("numerics_version", 7));
  EXPECT_THAT([&] { filed(nullptr); },
              ThrowsMessage<DataError>(HasSubstr("numerics_version: the task has 7, this program computes")));
  write_task(to_json(tiny_.task).set("link_steps", 0));
  EXPECT_THAT([&] { filed(nullptr); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("task.json"), HasSubstr("link_steps"))));
  Json parts = to_json(tiny_.task).at("partition");
  parts.set("train", Json(Json::Array{1e6}));
  write_task(to_json(tiny_.task).set("partition", parts));
  EXPECT_THAT([&] { filed(nullptr); }, ThrowsMessage<DataError>(HasSubstr("the task's partition: ")));
  write_task(to_json(tiny_.task).set("classes", Json(Json::Array{"bcc", "akiec", "nv"})));
  EXPECT_THAT([&] { filed(nullptr); }, ThrowsMessage<DataError>(HasSubstr("its classes or their order")));
}

TEST_F(FiledRoundTest, RefusesAssignmentsOfNoSense) {
  std::ofstream(paths_.assignments(1))
      << R"([{"candidate": 0, "donor": -1, "setting": {"optimizer.nam": "sgd"}}])";
  EXPECT_THAT([&] { filed(nullptr); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("assignments.json"), HasSubstr("optimizer.nam"))));
}

TEST_F(FiledRoundTest, SettlesADisputeAboutWhatWasHandedIn) {
  const fs::path mine = tiny_.folder("mine.h5"), links = tiny_.folder("mine");
  fs::remove(mine);
  Submission honest = tiny_.submitted(0);
  save_submission(mine, tiny_.layout, honest);
  fs::remove_all(links);
  fs::copy(tiny_.files(0).links, links);
  Submission forged =
      done_by_hand(tiny_, 0, {2, [](train::Recipe& recipe) { recipe.label_smoothing = 0.2; }});
  tiny_.hand_in(0, forged);
  Workers workers = tiny_.workers();
  const FiledRound round = filed(nullptr);  // no hidden image is needed for it
  const Dispute found = round.dispute(workers, {"device-01", {}, {}}, {mine, {}});
  EXPECT_EQ(found.ruling, Ruling::second);
  EXPECT_EQ(found.link, 2);
  EXPECT_TRUE(found.first_is_signed);
  EXPECT_EQ(round.dispute(workers, {"device-01", mine, links}, {tiny_.files(0).submission, {}}).ruling,
            Ruling::first);
  EXPECT_THROW(round.dispute(workers, {"device-09", {}, {}}, {mine, {}}), UsageError);
}

}  // namespace
}  // namespace cohort::round
