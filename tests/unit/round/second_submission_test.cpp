// Another submission of a member whom the round has examined already.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/round/reward.hpp"
#include "filed_run.hpp"
#include "round/examined.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

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

}  // namespace
}  // namespace cohort::round
