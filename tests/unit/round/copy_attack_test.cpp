// Somebody else's model under one's own key, with and without a replay that tells whose it is.
#include <gmock/gmock.h>

#include "attack.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;

TEST_F(Attack, SomebodyElsesModelUnderOnesOwnKey) {
  const Submission stolen = tiny_.submitted(kVictim);
  fs::copy(tiny_.files(kVictim).links, tiny_.files(kThief).links, fs::copy_options::skip_existing);
  std::vector<std::pair<std::int64_t, Digest>> states;
  for (const ChainLink& link : stolen.header.chain) states.emplace_back(link.step, link.state);
  Submission submission =
      around(tiny_, kThief, {copy_of(stolen.parameters.span()), copy_of(stolen.statistics.span())},
             chained(tiny_, kThief, states));
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::duplicate, "not this member's own work");
}

TEST_F(Attack, SomebodyElsesModelWithoutReplay) {  // nobody can tell whose it is: neither is paid
  tiny_.task.audit.evidence = Evidence::claim;
  const Submission stolen = tiny_.submitted(kVictim);
  const Model model{copy_of(stolen.parameters.span()), copy_of(stolen.statistics.span())};
  for (const std::size_t i : {kVictim, std::size_t{1}, kThief}) {
    const train::FullState first = starting_state(work_recipe(tiny_.work(i)), tiny_.parent);
    std::vector<std::pair<std::int64_t, Digest>> states{{0, train::state_digest(tiny_.layout, first)}};
    for (std::int64_t link = 1; link <= kTinyLinks; ++link)
      states.emplace_back(link * kTinyLinkSteps, sha256("anything"));
    const Submission own = tiny_.submitted(1);
    Submission submission =
        around(tiny_, i,
               i == 1 ? Model{copy_of(own.parameters.span()), copy_of(own.statistics.span())}
                      : Model{copy_of(model.parameters.span()), copy_of(model.statistics.span())},
               chained(tiny_, i, states));
    tiny_.hand_in(i, submission);
  }
  const std::vector<Finding> findings = tiny_.audit(tiny_.audit_case());
  EXPECT_EQ(findings[kVictim].verdict, Verdict::duplicate);
  EXPECT_EQ(findings[1].verdict, Verdict::ok_unproven) << findings[1].detail;
  EXPECT_EQ(findings[kThief].verdict, Verdict::duplicate);
}

TEST_F(Attack, SomebodyElsesModelWithoutReplayBesideTheOwnersChain) {  // which is replayed then
  tiny_.task.audit.evidence = Evidence::claim;
  Submission own = done_by_hand(tiny_, kVictim), other = done_by_hand(tiny_, 1);
  Submission stolen = around(tiny_, kThief, {copy_of(own.parameters.span()), copy_of(own.statistics.span())},
                             done_by_hand(tiny_, kThief).header.chain);
  tiny_.hand_in(kVictim, own);
  tiny_.hand_in(1, other);
  tiny_.hand_in(kThief, stolen);
  const std::vector<Finding> findings = tiny_.audit(tiny_.audit_case());
  EXPECT_EQ(findings[kVictim].verdict, Verdict::ok_unproven) << findings[kVictim].detail;
  EXPECT_THAT(findings[kVictim].detail, HasSubstr("show whose it is"));
  EXPECT_EQ(findings[kVictim].links_replayed, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(findings[1].verdict, Verdict::ok_unproven) << findings[1].detail;
  EXPECT_TRUE(findings[1].links_replayed.empty());
  EXPECT_EQ(findings[kThief].verdict, Verdict::duplicate);
  EXPECT_THAT(findings[kThief].detail, HasSubstr("not this member's own work"));

  fs::remove_all(tiny_.files(kVictim).links);  // which its evidence does not ask for: the replay needs none
  const Finding stateless = tiny_.audit(tiny_.audit_case()).at(kVictim);
  EXPECT_EQ(stateless.verdict, Verdict::ok_unproven) << stateless.detail;
  EXPECT_EQ(stateless.links_replayed, (std::vector<std::int64_t>{1, 2, 3, 4}));
  own.header.chain.resize(1);
  tiny_.hand_in(kVictim, own);
  const Finding unchained = tiny_.audit(tiny_.audit_case()).at(kVictim);
  EXPECT_EQ(unchained.verdict, Verdict::duplicate);
  EXPECT_THAT(unchained.detail, HasSubstr("nobody can tell whose it is"));
  EXPECT_THAT(unchained.detail, HasSubstr("its chain proves nothing: its chain has 1 entries"));
  EXPECT_EQ(unchained.hidden_correct, -1);
}

}  // namespace
}  // namespace cohort::round
