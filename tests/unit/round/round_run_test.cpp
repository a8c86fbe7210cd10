// Whole runs of rounds in one process, small enough for a blink: what they keep, and how they go on.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>

#include "cohort/core/error.hpp"
#include "cohort/round/filed_round.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/round/reward_files.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/finding_text.hpp"
#include "round/kept_finding.hpp"
#include "short_run.hpp"
#include "support/leased_file.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RoundRun, KeepsDonorsOnlyWhereCandidatesKeepTheirModels) {
  for (const MergeRule rule : {MergeRule::none, MergeRule::average}) {
    Task task = short_task(rule, 2);
    task.search = {{"schedule.learning_rate", "log(1e-3, 1e-2)"}};
    task.explore.proposer = "population";
    task.explore.quantile = 0.25;
    ShortRun short_run("donors", task);
    const RoundsResult result = short_run.run();
    const auto donors = std::ranges::count_if(result.records.at(1).assignments,
                                              [](const Assignment& a) { return a.donor >= 0; });
    EXPECT_EQ(donors > 0, rule == MergeRule::none) << name_of(rule);
  }
}

TEST(RoundRun, GoesOnFromTheNewestAcceptedModels) {
  Task task = short_task(MergeRule::none, 3);
  ShortRun short_run("own", task);
  const RoundsResult whole = short_run.run("whole");
  ASSERT_TRUE(
      std::ranges::all_of(whole.records.at(1).findings, [](const auto& f) { return may_merge(f.verdict); }));
  fs::copy(short_run.paths("whole").run, short_run.paths("run").run, fs::copy_options::recursive);
  short_run.forget("run", 3);
  for (std::size_t i = 0; i < 4; ++i)  // nothing needs the first round's models any more
    fs::resize_file(short_run.submission("run", 1, i), 100);
  EXPECT_EQ(short_run.run("run").model_digest, whole.model_digest);
  EXPECT_EQ(to_json(short_run.run("run").records.at(2)).dump(), to_json(whole.records.at(2)).dump());

  short_run.forget("run", 3);
  if (const tests::LeasedFile busy(short_run.submission("run", 2, 1)); busy.is_held()) {
    EXPECT_THAT([&] { short_run.run("run"); },
                ThrowsMessage<Error>(AllOf(HasSubstr("device-02.h5: this machine cannot read it"),
                                           HasSubstr("run the same command again"))));
  }
  fs::copy(short_run.submission("whole", 1, 2), short_run.submission("run", 2, 2),
           fs::copy_options::overwrite_existing);
  EXPECT_THAT([&] { short_run.run("run"); },
              ThrowsMessage<Error>(HasSubstr("device-03.h5: is not what round 2 accepted")));
}

TEST(RoundRun, SpendsByTheLedgerThatItIsGiven) {
  Task task = short_task(MergeRule::average, 1);
  task.audit.hidden_images = 40;  // of 60: for one run
  ShortRun short_run("ledger", task);
  short_run.use_ledger("shared.json");
  short_run.run("first");
  EXPECT_EQ(ledger_of(short_run.paths("first").ledger()), short_run.paths("shared.json").run);
  EXPECT_EQ(short_run.run("again").records.at(0).hidden_images, 40)
      << "the same task and round, the same images";
  short_run.use_largest_value(2e6);
  EXPECT_THAT([&] { short_run.run("second"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("20 of 60 are unspent"), HasSubstr("shared.json"))));
  EXPECT_FALSE(fs::exists(short_run.paths("second").task()));
  short_run.use_ledger("");
  EXPECT_EQ(short_run.run("second").records.at(0).hidden_images, 40) << "without it a run has its own";
}

TEST(RoundRun, BeginsNoLedgerAnewThatHasGone) {
  Task task = short_task(MergeRule::average, 2);
  task.audit.hidden_images = 20;
  ShortRun short_run("gone", task);
  short_run.use_ledger("shared.json");
  const fs::path shared = short_run.paths("shared.json").run;
  short_run.when_told = [&] { fs::remove(shared); };
  EXPECT_THAT([&] { short_run.run(); }, ThrowsMessage<Error>(HasSubstr("which is not there")));
  EXPECT_FALSE(fs::exists(shared));
}

TEST(RoundRun, FollowsNoOtherLedgerThatItsFolderNamesDuringARun) {
  Task task = short_task(MergeRule::average, 2);
  task.audit.hidden_images = 20;
  ShortRun short_run("redirected", task);
  short_run.use_ledger("shared.json");
  short_run.when_told = [&] {
    fs::remove(short_run.paths().ledger());
    fs::copy(short_run.paths("shared.json").run, short_run.paths().ledger());
  };
  EXPECT_THAT([&] { short_run.run(); }, ThrowsMessage<Error>(HasSubstr("the run spends hidden images by")));
}

TEST(RoundRun, UsesNoHiddenImagesAgainWhereItsLedgerWasLost) {
  Task task = short_task(MergeRule::average, 2);
  task.audit.hidden_images = 20;
  ShortRun short_run("lost", task);
  short_run.run();
  const RoundPaths paths = short_run.paths();
  for (const fs::path& of_the_second : {paths.round(2), paths.test(), paths.ledger()})
    fs::remove_all(of_the_second);
  EXPECT_THAT([&] { short_run.run(); },
              ThrowsMessage<Error>(AllOf(HasSubstr("round 1 is done"), HasSubstr("hidden-ledger.json"))));
  EXPECT_FALSE(fs::exists(paths.ledger()));
}

TEST(RoundRun, IsToldWhenAnAuditOfItsFilesCountsOtherHiddenImages) {
  Task task = short_task(MergeRule::average, 1);
  task.audit.hidden_images = 20;
  ShortRun short_run("others", task);
  short_run.run();
  EXPECT_THAT(short_run.audit_again().differences, testing::IsEmpty());
  const fs::path ledger = short_run.paths().ledger();
  Json json = Json::parse(store::read_text(ledger));
  Json entry = json.at("entries").as_array().front();
  Json images = Json::array();
  for (int image = 0; image < 20; ++image) images.push(image);
  store::write_text_atomically(
      ledger, json.set("entries", Json::array().push(entry.set("images", images))).dump() + "\n");
  EXPECT_THAT(short_run.audit_again().differences, testing::Contains(HasSubstr("other hidden images")));
}

TEST(RoundRun, LeavesCoalitionsThatAnAuditOfItsFilesFindsAgain) {
  Task task = short_task(MergeRule::average, 1);
  task.audit.evidence = Evidence::replay;
  task.pool.rule = "shapley";
  ShortRun short_run("coalitions", task);
  short_run.run();
  const AuditRecord found = short_run.audited_again();
  ASSERT_TRUE(found.coalitions);
  EXPECT_EQ(found.coalitions->utilities.size(), 16U);
  const std::string text = store::read_text(short_run.paths().round(1) / "audit.json");
  EXPECT_EQ(audit_text(found), text);
  EXPECT_EQ(read_record(short_run.paths().record(1)).audit, sha256(text));
}

TEST(RoundRun, NamesADamagedFileOfItsFolder) {
  ShortRun short_run("damaged", short_task(MergeRule::average, 2));
  short_run.run();
  short_run.forget("run", 2);
  const fs::path assignments = short_run.paths().assignments(2), task = short_run.paths().task();
  const auto refuses = [&](const fs::path& path, const std::string& text, const std::string& words) {
    fs::create_directories(path.parent_path());
    store::write_text_atomically(path, text);
    try {
      short_run.run();
      ADD_FAILURE() << "took " << text;
    } catch (const comm::AgreedError& e) {  // so that all ranks end alike, with one line
      EXPECT_EQ(e.code(), ExitCode::data_refused);
      EXPECT_THAT(e.what(), AllOf(HasSubstr(concat(path.filename().string(), ": ")), HasSubstr(words)));
    }
  };
  refuses(assignments, "[", "JSON");
  refuses(assignments, R"([{"donor": -1, "setting": {}}])", "candidate");
  const std::string unknown = "names a candidate that the task does not have";
  refuses(assignments, R"([{"candidate": 4, "donor": -1, "setting": {}}])", unknown);
  refuses(assignments, R"([{"candidate": -1, "donor": -1, "setting": {}}])", unknown);
  refuses(assignments, R"([{"candidate": 0, "donor": 4, "setting": {}}])", unknown);
  refuses(assignments, R"([{"candidate": 0, "donor": -1, "setting": {"learning": "1"}}])", "device-01: ");
  refuses(task, "{", "JSON");
}

/// As after a kill before the first round was done.
void undo_first_round(const RoundPaths& paths) {
  for (const fs::path& path : {paths.record(1), paths.model(1), paths.round(1) / "audit.json",
                               paths.round(1) / "rewards.json", paths.test(), paths.round(2)})
    fs::remove_all(path);
}

TEST(RoundRun, ExaminesOneSubmissionOfAMemberWhateverComesLater) {
  Task task = short_task(MergeRule::average, 1);
  task.audit.evidence = Evidence::replay;
  ShortRun short_run("once", task);
  const RoundsResult first = short_run.run();
  ASSERT_TRUE(may_merge(first.records.at(0).findings.at(2).verdict));
  undo_first_round(short_run.paths());
  EXPECT_EQ(to_json(short_run.run().records.at(0)).dump(), to_json(first.records.at(0)).dump());

  undo_first_round(short_run.paths());
  short_run.change_model(2);
  const RoundRecord again = short_run.run().records.at(0);
  EXPECT_EQ(again.findings.at(2).verdict, Verdict::late) << again.findings.at(2).detail;
  EXPECT_EQ(again.beacon, first.records.at(0).beacon) << "others are not examined anew either";
  for (const std::size_t other : {0U, 1U, 3U})
    EXPECT_EQ(json_of(again.findings.at(other)).dump(),
              json_of(first.records.at(0).findings.at(other)).dump());
}

/// Of a submission that the run examined, as an audit may leave it.
void doubt_second_link(const RoundPaths& paths, const std::string& member) {
  std::string text = store::read_text(paths.examined(1));
  text.insert(text.find(concat("\"member\": \"", member, "\"")), "\"doubted_links\": [2], ");
  store::write_text_atomically(paths.examined(1), text);
}

Task task_of_three_links() {
  Task task = short_task(MergeRule::average, 1);
  task.audit.evidence = Evidence::replay;
  task.audit.links = 0;
  task.round_steps = 3;
  return task;
}

TEST(RoundRun, ReplaysTheLinksThatAnEarlierAuditDoubted) {
  ShortRun short_run("doubted", task_of_three_links());
  const RoundsResult first = short_run.run();
  const std::int64_t last = first.records.at(0).findings.at(0).links_replayed.back();
  ASSERT_THAT(first.records.at(0).findings.at(0).links_replayed, testing::ElementsAre(1, last));
  ASSERT_GT(last, 2);
  undo_first_round(short_run.paths());
  doubt_second_link(short_run.paths(), "device-01");
  const RoundRecord again = short_run.run().records.at(0);
  EXPECT_THAT(again.findings.at(0).links_replayed, testing::ElementsAre(1, 2, last));
  EXPECT_THAT(again.findings.at(1).links_replayed, testing::ElementsAre(1, last));
}

TEST(RoundRun, EndsARoundAnewOverWhatItsFirstEndingLeft) {
  ShortRun short_run("ended-anew", task_of_three_links());
  short_run.run();
  const RoundPaths paths = short_run.paths();
  ASSERT_TRUE(fs::exists(paths.round(1) / "rewards.json"));
  const std::string before = store::read_text(paths.round(1) / "audit.json");
  fs::remove(paths.record(1));
  doubt_second_link(paths, "device-01");
  short_run.run();
  EXPECT_NE(store::read_text(paths.round(1) / "audit.json"), before) << "another link was replayed";
  EXPECT_THAT(verify_rewards(paths.round(1), read_task(paths.task())).differences, testing::IsEmpty());
}

/// While another member is examined.
TEST(RoundRun, ReplaysWhatIsDoubtedAfterAMemberWasExamined) {
  ShortRun short_run("doubted-late", task_of_three_links());
  const RoundPaths paths = short_run.paths();
  bool is_in_time = false;
  std::jthread audit([&](const std::stop_token& end) {
    while (!end.stop_requested() && !fs::exists(paths.finding(1, "device-01")))
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    if (end.stop_requested()) return;
    doubt_second_link(paths, "device-01");
    is_in_time = !fs::exists(paths.finding(1, "device-04")) && !fs::exists(paths.record(1));
  });
  const RoundRecord record = short_run.run().records.at(0);
  audit.request_stop();
  audit.join();
  if (!is_in_time) GTEST_SKIP() << "this machine let the doubt come after the audit";
  EXPECT_THAT(record.findings.at(0).links_replayed, testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(record.findings.at(1).links_replayed, testing::ElementsAre(1, 3));
}

TEST(RoundRun, TakesOverNoFindingThatLeavesALinkDoubted) {
  ShortRun short_run("taken-over", task_of_three_links());
  const RoundRecord first = short_run.run().records.at(0);
  undo_first_round(short_run.paths());
  // As a run leaves them that was stopped at the end of its audit: a word of each shows what was taken over.
  for (Finding finding : first.findings) {
    finding.detail = "kept";
    if (finding.candidate == 1) finding.links_replayed = {1, 2, 3};
    if (finding.candidate == 2) finding.verdict = Verdict::chain;
    keep_finding(short_run.paths().finding(1, finding.member), first.beacon, finding);
    if (finding.candidate < 3) doubt_second_link(short_run.paths(), finding.member);
  }
  const RoundRecord again = short_run.run().records.at(0);
  EXPECT_EQ(again.findings.at(0).detail, first.findings.at(0).detail)
      << "the doubted link was replayed after all";
  EXPECT_THAT(again.findings.at(0).links_replayed, testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(again.findings.at(1).detail, "kept") << "it had been replayed";
  EXPECT_EQ(again.findings.at(2).detail, "kept") << "refused anyhow";
  EXPECT_EQ(again.findings.at(3).detail, "kept") << "nobody doubts it";
}

TEST(RoundRun, TellsOfEveryRoundAndTestsTheLastModelOnce) {
  ShortRun short_run("told", short_task(MergeRule::average, 2));
  const RoundsResult result = short_run.run();
  EXPECT_THAT(short_run.told, testing::ElementsAre(1, 2));
  ASSERT_TRUE(result.test);
  EXPECT_EQ(result.test->samples, 9);
  EXPECT_GT(result.test->correct, 0);
  const fs::path path = short_run.paths().test();
  const std::string text = store::read_text(path);
  const Json json = Json::parse(text);
  EXPECT_EQ(json.at("correct").as_int(), result.test->correct);
  EXPECT_EQ(json.at("samples").as_int(), 9);
  EXPECT_EQ(json.at("model").as_string(), result.model_digest);

  // What stands there of this model is taken over; whatever else stands there is not.
  store::write_text_atomically(path, Json::parse(text).set("correct", 0).set("confusion", nullptr).dump());
  EXPECT_EQ(short_run.run().test->correct, 0);
  EXPECT_THAT(short_run.told, testing::ElementsAre(1, 2));
  for (const std::string& other : {Json::parse(text).set("model", "another").dump(), std::string("{")}) {
    store::write_text_atomically(path, other);
    EXPECT_EQ(short_run.run().test->correct, result.test->correct);
    EXPECT_EQ(store::read_text(path), text);
  }
}

}  // namespace
}  // namespace cohort::round
