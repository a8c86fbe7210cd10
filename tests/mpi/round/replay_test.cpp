// The replay of links by several ranks: the finding is the one that a rank finds alone, whatever it says.
#include <gtest/gtest.h>

#include "round/finding_text.hpp"
#include "unit/round/cheat.hpp"

namespace cohort::round {
namespace {

/// Three micro-batches a step: work for three ranks. All links but one in the middle are replayed.
Task task_of_three_micro_batches() {
  Task task = tiny_task();
  task.recipe.batch_size = 24;
  task.audit.links = 1;
  return task;
}

/// One candidate's submission lies in a folder that only the root knows of; every rank has the data.
class Replay : public testing::Test {
 protected:
  Replay() : comm_(comm::Communicator::world()), tiny_("replay", task_of_three_micro_batches()) {
    for (std::int32_t image = 0; image < tiny_.hidden.size(); image += 2) hidden_.push_back(image);
  }

  void hand_in(const Cheat& cheat = {}) {
    if (!comm_.is_root()) return;
    Submission submission = done_by_hand(tiny_, 1, cheat);
    std::filesystem::create_directories(tiny_.files(1).submission.parent_path());
    tiny_.hand_in(1, submission);
  }
  /// All ranks' findings under a beacon, which must be what the root finds alone.
  Finding examined(const Digest& beacon) {
    AuditCase audit = tiny_.audit_case();
    audit.hidden_images = hidden_;
    const AuditSubject subject{tiny_.assignments[1], tiny_.files(1).submission, tiny_.files(1).links,
                               &tiny_.parent};
    FirstLook look;
    if (comm_.is_root()) look = look_at(audit, subject);
    Workers alone = tiny_.workers();
    std::string expected;
    if (comm_.is_root()) expected = json_of(examine(alone, audit, subject, look, beacon, 0, false)).dump();
    expected = comm_.broadcast(expected);
    train::WorkerPool pool(1);
    Workers together{comm_, pool, kernels::exact_table("auto")};
    const Finding found = examine(together, audit, subject, look, beacon, 0, false);
    EXPECT_EQ(json_of(found).dump(), expected) << comm_.ranks() << " ranks";
    return found;
  }
  /// A beacon under which the link is replayed, or is not.
  Digest beacon_that_asks(std::int64_t link, bool is_replayed) {
    const Digest submission = digest_from_hex(comm_.broadcast(
        comm_.is_root() ? to_hex(submission_digest(tiny_.submitted(1).header)) : std::string()));
    for (int i = 0;; ++i) {
      const Digest beacon = sha256(concat("beacon ", i));
      const auto links = chosen_links(link_seed(beacon, submission), kTinyLinks, 1);
      if (std::ranges::count(links, link) == (is_replayed ? 1 : 0)) return beacon;
    }
  }

  comm::Communicator comm_;
  TinyRound tiny_;
  std::vector<std::int32_t> hidden_;
};

TEST_F(Replay, AcceptsHonestLinks) {
  hand_in();
  const Finding found = examined(beacon_that_asks(2, true));
  EXPECT_EQ(found.verdict, Verdict::ok) << found.detail;
  EXPECT_EQ(found.links_replayed, (std::vector<std::int64_t>{1, 2, 4}));
}

TEST_F(Replay, RefusesAForgedLinkThatItIsAskedFor) {
  hand_in({3, [](train::Recipe& recipe) { recipe.label_smoothing = 0.2; }});
  const Finding caught = examined(beacon_that_asks(3, true));
  EXPECT_EQ(caught.verdict, Verdict::chain);
  EXPECT_EQ(caught.detail, "link 3 leads to another state than claimed");
  EXPECT_EQ(caught.links_replayed, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(examined(beacon_that_asks(3, false)).verdict, Verdict::ok);
}

TEST_F(Replay, RefusesALinkWhoseStateIsMissing) {
  hand_in();
  const Digest beacon = beacon_that_asks(3, true);
  if (comm_.is_root()) std::filesystem::remove_all(tiny_.files(1).links);
  const Finding found = examined(beacon);
  EXPECT_EQ(found.verdict, Verdict::chain);
  EXPECT_NE(found.detail.find("the state after link 2 is missing"), std::string::npos) << found.detail;
}

}  // namespace
}  // namespace cohort::round
