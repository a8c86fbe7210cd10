#include "cohort/report/round_page.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "report/html.hpp"
#include "report/round_sections.hpp"
#include "report/round_words.hpp"

namespace cohort::report {
namespace {

constexpr std::string_view kHostile = "<script>alert('1')</script>&\"\x01\xFF\xE2\x80\xAEtxt";
constexpr std::array kVerdicts{
    round::Verdict::ok,        round::Verdict::ok_unproven, round::Verdict::format,
    round::Verdict::size,      round::Verdict::spec,        round::Verdict::non_finite,
    round::Verdict::signature, round::Verdict::late,        round::Verdict::replayed,
    round::Verdict::duplicate, round::Verdict::claim,       round::Verdict::statistics,
    round::Verdict::baseline,  round::Verdict::chain,       round::Verdict::transient};

/// A run of two rounds: three members, the second halted after the first round.
struct SmallRun {
  round::Task task;
  data::Partition partition;
  std::vector<round::RoundRecord> records;
  std::vector<std::optional<round::Rewards>> rewards;

  [[nodiscard]] std::string page(const std::optional<FinalScore>& score = std::nullopt) const {
    return round_page(task, partition, records, rewards, score);
  }
};

round::Finding finding(const SmallRun& run, std::int64_t candidate, std::int64_t validation) {
  round::Finding found;
  found.candidate = candidate;
  found.member = run.task.members[static_cast<std::size_t>(candidate)].name;
  found.verdict = round::Verdict::ok;
  found.claim_correct = 17;
  found.claim_samples = 19;
  found.hidden_correct = 211 + candidate;
  found.validation_correct = validation;
  found.links_replayed = {1, 3, 4};
  return found;
}

round::RoundRecord round_of(const SmallRun& run, std::int64_t number,
                            const std::vector<std::int64_t>& candidates) {
  round::RoundRecord record;
  record.round = number;
  record.validation_images = 57;
  record.hidden_images = 400;
  record.incumbent_validation = 31;
  record.merged_validation = 43;
  record.incumbent_hidden = 203;
  record.majority_hidden = 202;
  record.model = sha256(concat("model ", number));
  for (const std::int64_t candidate : candidates) {
    record.assignments.push_back({candidate, {{"schedule.learning_rate", "0.0625"}}, -1});
    record.findings.push_back(finding(run, candidate, 40 + candidate));
    record.failures.emplace_back();
  }
  return record;
}

round::Rewards shared(const SmallRun& run, std::int64_t number) {
  round::Rewards rewards;
  rewards.round = number;
  rewards.pool = 1'234'567;
  rewards.paid = 1'234'567;
  for (const round::Member& member : run.task.members)
    rewards.members.push_back({member.name, round::Verdict::ok, 1, {}, ""});
  rewards.members.front().amount = 1'234'567;
  return rewards;
}

SmallRun small_run() {
  SmallRun run;
  run.task.rounds = 2;
  run.task.round_steps = 60;
  run.task.link_steps = 15;
  run.task.recipe.model.name = "cnn-small";
  run.task.classes = {"benign", "melanoma"};
  run.task.search = {{"schedule.learning_rate", "log(0.001, 0.3)"}};
  run.task.pool.pool = "1234567";
  run.task.dataset = sha256("data");
  for (const char* name : {"device-01", "device-02", "device-03"}) {
    run.task.members.push_back({name, sha256(name), ""});
    run.partition.parts.push_back({name, std::vector<std::int32_t>(83), std::vector<std::int32_t>(19)});
  }
  run.records = {round_of(run, 1, {0, 1, 2}), round_of(run, 2, {0, 2})};
  run.records[0].halted = {1};
  run.records[0].merged = {0, 2};
  run.records[0].merge_story = {"best member device-03: 42 correct, incumbent 31",
                                "average of device-01, device-03 weighted by samples: 43 correct"};
  run.rewards = {shared(run, 1), std::nullopt};
  return run;
}

std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++count;
  return count;
}

/// What is wrong with the nesting of tags; nothing when all that opens closes in order.
std::string imbalance(std::string_view html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    const std::size_t end = html.find('>', at);
    if (end == std::string_view::npos) return "a tag without an end";
    const std::string_view tag = html.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string_view::npos) return concat("a tag within a tag: ", tag);
    if (occurrences(tag, "\"") % 2 != 0) return concat("quotes: ", tag);
    const std::string name(tag.substr(0, tag.find(' ')));
    if (tag.starts_with("!") || name == "meta" || tag.ends_with("/")) continue;
    if (!tag.starts_with("/")) {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return concat("<", name, "> closes ", open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? std::string() : concat(open.back(), " stays open");
}

bool contains(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

TEST(Html, KeepsStrangersTextText) {
  EXPECT_EQ(escaped("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(escaped("\xC3\xA4 \xF0\x9F\x99\x82"), "\xC3\xA4 \xF0\x9F\x99\x82");
  EXPECT_EQ(escaped("two\nlines\tand cells"), "two lines and cells");
  EXPECT_EQ(escaped("\u202Ex"), R"(\u202ex)") << "turns the direction of writing";
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), R"(a\x00b)");
  EXPECT_EQ(escaped("\xC0\xBC"), R"(\xc0\xbc)") << "an overlong <";
  EXPECT_EQ(escaped("\xED\xA0\x80"), R"(\xed\xa0\x80)") << "half a surrogate pair";
  EXPECT_EQ(escaped("x\xE2\x80"), R"(x\xe2\x80)") << "cut short";
  EXPECT_EQ(escaped("\xE2<b>"), R"(\xe2&lt;b&gt;)") << "a byte swallows no markup";
}

// One list for the console and the page: two names that look alike on one look alike on the other.
TEST(Html, ShowsWhatTheConsoleShows) {
  for (const char* text :
       {"site\u200b", "\u200e1", "a\u00adb", "\u3164", "\ufe0f", "\ufffe", "\U000e0041", "\u0085"})
    EXPECT_EQ(escaped(text), visible(text));
}

TEST(Html, GroupsDigits) {
  EXPECT_EQ(grouped("1"), "1");
  EXPECT_EQ(grouped("123"), "123");
  EXPECT_EQ(grouped("1234567"),
            "1\xE2\x80\xAF"
            "234\xE2\x80\xAF"
            "567");
}

TEST(Html, KeepsLargeAmountsShort) {
  EXPECT_EQ(grouped(round::Amount::from_decimal("1000000000000000000")), grouped("1000000000000000000"));
  const std::string large = grouped(round::Amount::largest());
  EXPECT_TRUE(contains(large, "1.1579"));
  EXPECT_TRUE(contains(large, "<sup>77</sup>"));
  EXPECT_TRUE(contains(large, concat("title=\"", round::Amount::largest().to_decimal(), "\"")));
}

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

TEST(RoundPage, ExplainsEveryVerdictThatAppearsAndNoOther) {
  std::set<std::string_view> sentences;
  for (const round::Verdict verdict : kVerdicts) {
    SmallRun run = small_run();
    for (round::RoundRecord& record : run.records)
      for (round::Finding& found : record.findings) found.verdict = verdict;
    const std::string page = run.page();
    const VerdictWords words = words_of(verdict);
    EXPECT_TRUE(words.sentence.ends_with('.')) << name_of(verdict);
    EXPECT_FALSE(words.brief.empty());
    EXPECT_TRUE(sentences.insert(words.sentence).second) << "explains two verdicts: " << words.sentence;
    for (const round::Verdict other : kVerdicts)
      EXPECT_EQ(contains(page, words_of(other).sentence), other == verdict) << name_of(other);
    EXPECT_EQ(imbalance(page), "");
  }
  EXPECT_EQ(sentences.size(), 15U);
}

TEST(RoundPage, OrdersVerdictsFromGoodToBad) {
  EXPECT_LT(severity_of(round::Verdict::ok), severity_of(round::Verdict::ok_unproven));
  EXPECT_LT(severity_of(round::Verdict::ok_unproven), severity_of(round::Verdict::baseline));
  for (const round::Verdict verdict : kVerdicts)
    if (is_fault(verdict)) {
      EXPECT_GT(severity_of(verdict), severity_of(round::Verdict::late)) << name_of(verdict);
      EXPECT_EQ(tone_of(verdict), "bad") << name_of(verdict);
    }
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

TEST(RoundsCsv, HasARowForEachRound) {
  SmallRun run = small_run();
  run.records[1].findings[0].verdict = round::Verdict::claim;
  run.records[1].incumbent_hidden = -1;
  run.records[1].failures[1] = "diverged";
  const std::array<std::optional<double>, 2> balanced{0.625, std::nullopt};
  const std::string csv = rounds_csv(run.records, run.rewards, balanced);
  EXPECT_EQ(
      csv,
      "round,candidates,submitted,accepted,merged,halted,validation_images,incumbent_correct,best_correct,"
      "validation_correct,hidden_images,incumbent_hidden,majority_hidden,paid,carried,model,"
      "validation_balanced_accuracy\n" +
          concat("1,3,3,3,2,1,57,31,42,43,400,203,202,1234567,0,", to_hex(sha256("model 1")), ",0.625\n") +
          concat("2,2,1,1,0,0,57,31,42,43,400,,202,,,", to_hex(sha256("model 2")), ",\n"));
}

}  // namespace
}  // namespace cohort::report
