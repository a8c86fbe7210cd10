// A round audited from its files, and what must be there for it.
#include "cohort/round/filed_round.hpp"

#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/round/reward.hpp"
#include "filed_run.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

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
