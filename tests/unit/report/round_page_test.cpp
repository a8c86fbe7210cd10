#include "cohort/report/round_page.hpp"

#include <gtest/gtest.h>

#include <array>

#include "report/html.hpp"
#include "small_run.hpp"

namespace cohort::report {
namespace {

constexpr std::string_view kHostile = "<script>alert('1')</script>&\"\x01\xFF\xE2\x80\xAEtxt";

TEST(RoundPage, IsWholeAndAsksForNothingFromElsewhere) {
  const std::string page = small_run().page(FinalScore{"test", 391, 500});
  EXPECT_EQ(imbalance(page), "");
  for (const std::string_view foreign_thing : {"<script", "javascript:", "http://", "https://",
                                               "src=", "href=", "url(", "@import", "<link", "<iframe"})
    EXPECT_FALSE(contains(page, foreign_thing)) << foreign_thing;
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(contains(page, "charset=\"utf-8\""));
  EXPECT_EQ(page, small_run().page(FinalScore{"test", 391, 500}));
}

TEST(RoundPage, EscapesHostileText) {
  SmallRun run = small_run();
  for (round::Member& member : run.task.members) member.name = std::string(kHostile);
  run.task.classes = {std::string(kHostile)};
  run.task.search.front().second = kHostile;
  run.task.partition.rule = data::PartitionRule::by_column;
  run.task.partition.column = kHostile;
  run.task.recipe.model.name = kHostile;
  run.task.merge.rule = round::MergeRule::none;  // so that donors are named
  run.partition.notes = {std::string(kHostile)};
  for (round::RoundRecord& record : run.records) {
    record.merge_story.emplace_back(kHostile);
    for (round::Assignment& assignment : record.assignments) {
      assignment.setting = {{std::string(kHostile), std::string(kHostile)}};
      assignment.donor = 0;
    }
    for (round::Finding& found : record.findings) {
      found.member = kHostile;
      found.detail = kHostile;
    }
  }
  run.records[1].findings[0].detail.clear();
  run.records[1].failures[0] = kHostile;
  const std::string page = run.page(FinalScore{std::string(kHostile), 1, 2});
  EXPECT_FALSE(contains(page, "<script"));
  EXPECT_FALSE(contains(page, "\xE2\x80\xAE"));
  EXPECT_FALSE(contains(page, "\xFF"));
  EXPECT_GE(occurrences(page, "&lt;script&gt;"), 20U);
  EXPECT_EQ(imbalance(page), "");
}

TEST(RoundPage, NamesADonorOnlyWhereNothingIsMerged) {
  SmallRun run = small_run();
  run.records[1].assignments[0].donor = 2;
  EXPECT_FALSE(contains(run.page(), "from the model of"));
  run.task.merge.rule = round::MergeRule::none;
  EXPECT_TRUE(contains(run.page(), "from the model of"));
}

TEST(RoundPage, ShowsTheNumbers) {
  SmallRun run = small_run();
  run.records[1].findings[1].links_replayed = {1, 2, 3, 4};
  const std::string page = run.page(FinalScore{"test", 391, 500});
  for (const std::string_view number :
       {"17/19", "211/400", "213/400", "40/57", "42/57", "83 + 19", "43 of 57", "31 before the first round",
        "1, 3, 4", "all 4", "391 of 500", "learning_rate</small> 0.0625", "halted after round 1"})
    EXPECT_TRUE(contains(page, number)) << number;
  EXPECT_TRUE(contains(page, grouped("1234567")));
  EXPECT_TRUE(contains(page, concat("title=\"", to_hex(run.records[1].model), "\"")));
  EXPECT_TRUE(contains(page, concat("title=\"", to_hex(run.task.dataset), "\"")));
  EXPECT_TRUE(contains(page, concat("title=\"", to_hex(round::task_digest(run.task)), "\"")));
}

TEST(RoundPage, ShowsBalancedAccuracyWhereClassesWereCounted) {
  const SmallRun run = small_run();
  const std::array<std::optional<double>, 2> balanced{0.625, std::nullopt};
  const FinalScore score{"test", 391, 500, 0.5125};
  const std::string page = round_page(run.task, run.partition, run.records, run.rewards, score, balanced);
  EXPECT_TRUE(contains(page, concat("391 of 500 correct; balanced accuracy ", percentage(0.5125))));
  EXPECT_EQ(occurrences(page, "Balanced accuracy "), 1U) << "only of the first round";
  EXPECT_TRUE(contains(page, concat("31 before. Balanced accuracy ", percentage(0.625), ".")));
  EXPECT_TRUE(contains(page, "<b>Balanced accuracy</b>: the share"));
  EXPECT_EQ(imbalance(page), "");
  EXPECT_FALSE(contains(run.page(FinalScore{"test", 391, 500}), "alanced accuracy")) << "nothing was counted";
}

TEST(RoundPage, TellsTheMergeByName) {
  const std::string page = small_run().page();
  EXPECT_TRUE(contains(page, "Best member device-03: 42 correct, incumbent 31."))
      << "candidate 2 is device-03";
  EXPECT_TRUE(contains(page, "Average of device-01, device-03 weighted by samples: 43 correct."));
  EXPECT_TRUE(contains(page, "device-02 is halted after this round."));
  EXPECT_TRUE(contains(page, "The starting model stays: 43 of 57")) << "the second round merged nothing";
}

TEST(RoundPage, IsWholeWithoutRoundsCountsOrRewards) {
  SmallRun run = small_run();
  run.records.clear();
  run.rewards.clear();
  EXPECT_EQ(imbalance(run.page()), "");
  EXPECT_TRUE(contains(run.page(), "no round of 2 is done"));

  run = small_run();
  run.task.pool.pool.clear();
  run.rewards.clear();
  run.records.resize(1);
  round::RoundRecord& record = run.records.front();
  record.hidden_images = record.validation_images = 0;
  record.incumbent_hidden = record.majority_hidden = -1;
  record.merged = {7};
  for (round::Finding& found : record.findings) {
    found.claim_correct = found.claim_samples = found.hidden_correct = found.validation_correct = -1;
    found.candidate = 7;  // of no member
  }
  EXPECT_EQ(imbalance(run.page()), "");
  EXPECT_TRUE(contains(run.page(), "1 round of 2 is done"));
  EXPECT_TRUE(contains(run.page(), "candidate 7"));
  const std::string page = run.page();
  EXPECT_FALSE(contains(page.substr(page.find("</style>")), "-1"));
}

TEST(RoundPage, SharesBeyondAllBoundsStayReadable) {
  SmallRun run = small_run();
  for (auto& rewards : run.rewards) {
    rewards = shared(run, 1);
    rewards->pool = rewards->paid = rewards->members.front().amount = round::Amount::largest();
  }
  EXPECT_TRUE(contains(run.page(), "more than 2^256"));
  EXPECT_TRUE(contains(run.page(), "100.0\xE2\x80\xAF%"));
}

}  // namespace
}  // namespace cohort::report
