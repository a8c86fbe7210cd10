// Wishes to stop: where an audit hears them, and how they come from other processes.
#include "round/stop.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "cohort/core/clock.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/finding_text.hpp"
#include "round/kept_finding.hpp"
#include "round/stop_wish.hpp"
#include "tiny_round.hpp"

namespace cohort::round {
namespace {

using namespace std::chrono_literals;

TEST(Examine, StopsBehindEveryStepAndBeforeEveryCount) {
  TinyRound tiny("stopped-audit");
  ASSERT_EQ(tiny.train(0).state, CandidateState::submitted);
  const AuditCase audit = tiny.audit_case();
  const AuditSubject subject{tiny.assignments[0], tiny.files(0).submission, tiny.files(0).links,
                             &tiny.parent};
  const FirstLook look = look_at(audit, subject);
  std::int64_t asked = 0, stop_at = 0;
  Workers workers = tiny.workers();
  workers.wants_to_stop = [&] { return ++asked == stop_at; };
  const auto examined = [&] { return examine(workers, audit, subject, look, sha256("beacon"), 0, false); };
  const Finding whole = examined();
  EXPECT_EQ(whole.verdict, Verdict::ok) << whole.detail;
  const std::int64_t questions = asked;
  EXPECT_EQ(questions, kTinyLinks * kTinyLinkSteps + 3);  // own validation, hidden, common validation
  for (const std::int64_t stop : {std::int64_t{1}, std::int64_t{3}, std::int64_t{7}, questions}) {
    asked = 0;
    stop_at = stop;
    EXPECT_THROW(examined(), Stopped) << stop;
    EXPECT_EQ(asked, stop);
  }
  stop_at = 0;
  EXPECT_EQ(json_of(examined()).dump(), json_of(whole).dump());
}

bool comes_true(const StopWish& wish, std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < until) {
    if (wish.is_there()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(StopWish, IsHeardThroughTheMarkOfThisStart) {
  tests::TemporaryFolder folder("stop-wish");
  const auto mark = folder.path() / ".stop";
  store::write_text_atomically(mark, "an earlier start");
  StopWish wish(0), other(0);
  wish.share(mark, "this start");
  other.share(mark, "this start");
  wish.listen(true);
  EXPECT_FALSE(comes_true(wish, 700ms));
  store::write_text_atomically(mark, "this start");
  EXPECT_TRUE(comes_true(wish, 30s));
  EXPECT_FALSE(other.is_there()) << "does not listen";
  other.listen(true);
  EXPECT_TRUE(comes_true(other, 30s));
}

TEST(StopWish, IsToldToOthersUntilItsEnd) {
  tests::TemporaryFolder folder("stop-told");
  const auto mark = folder.path() / ".stop";
  StopWish other(0);
  other.share(mark, "this start");
  other.listen(true);
  {
    StopWish wish(0);
    wish.tell_others();
    EXPECT_FALSE(std::filesystem::exists(mark)) << "there is nobody before it is shared";
    wish.share(mark, "this start");
    wish.tell_others();
    EXPECT_TRUE(comes_true(other, 30s));
  }
  EXPECT_FALSE(std::filesystem::exists(mark));
  StopWish nowhere(0);
  nowhere.share(folder.path() / "not there" / ".stop", "this start");
  EXPECT_THROW(nowhere.tell_others(), Error);
}

TEST(StopWish, ComesWithItsDeadline) {
  EXPECT_TRUE(StopWish(steady_now_s() - 1).is_there());
  EXPECT_FALSE(StopWish(steady_now_s() + 1000).is_there());
  EXPECT_FALSE(StopWish(0).is_there());
}

Finding some_finding() {
  Finding finding;
  finding.candidate = 2;
  finding.member = "device-03";
  finding.verdict = Verdict::chain;
  finding.detail = "link 3 leads to another state than claimed";
  finding.submission = sha256("submission");
  finding.links_replayed = {1, 2};
  return finding;
}

TEST(KeptFinding, StandsForOneSubmissionUnderOneBeacon) {
  tests::TemporaryFolder folder("kept-finding");
  const auto path = folder.path() / "findings" / "device-03.json";
  const Finding finding = some_finding();
  EXPECT_FALSE(kept_finding(path, sha256("beacon"), finding, {}));
  keep_finding(path, sha256("beacon"), finding);
  Finding look;
  look.candidate = 2;
  look.member = "device-03";
  look.submission = finding.submission;
  const auto found = kept_finding(path, sha256("beacon"), look, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(json_of(*found).dump(), json_of(finding).dump());
  EXPECT_FALSE(kept_finding(path, sha256("another beacon"), look, {}));
  Finding other = look;
  other.submission = sha256("another submission");
  EXPECT_FALSE(kept_finding(path, sha256("beacon"), other, {}));
  other = look;
  other.candidate = 1;
  EXPECT_FALSE(kept_finding(path, sha256("beacon"), other, {}));
  other = look;
  other.member = "device-04";
  EXPECT_FALSE(kept_finding(path, sha256("beacon"), other, {}));
}

TEST(KeptFinding, IsNoneWhereTheMachineFailedOrTheFileIsDamaged) {
  tests::TemporaryFolder folder("kept-finding-damaged");
  const auto path = folder.path() / "device-03.json";
  Finding finding = some_finding();
  finding.verdict = Verdict::transient;
  keep_finding(path, sha256("beacon"), finding);
  EXPECT_FALSE(std::filesystem::exists(path));
  for (const char* text : {"", "{", "{\"beacon\": 3}", "[]"}) {
    store::write_text_atomically(path, text);
    EXPECT_FALSE(kept_finding(path, sha256("beacon"), finding, {})) << text;
  }
}

}  // namespace
}  // namespace cohort::round
