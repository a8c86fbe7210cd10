// Attacks on the chain of states: training that is not the one assigned.
#include <gmock/gmock.h>

#include <algorithm>

#include "attack.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;

using ChainAttack = Attack;

TEST_F(ChainAttack, AnOwnLearningRateHidden) {
  for (std::int64_t link = 1; link <= kTinyLinks; ++link) {
    Submission submission = done_by_hand(
        tiny_, kThief, {link, [](train::Recipe& recipe) { recipe.schedule.learning_rate = 0.0041; }});
    tiny_.hand_in(kThief, submission);
    expect_caught(Verdict::chain, concat("link ", link, " leads to another state"));
  }
}

TEST_F(ChainAttack, AForgedLinkPassesOnlyWhereNobodyLooks) {
  Task rules = tiny_task();
  rules.audit.links = 1;  // one of the two links in the middle
  TinyRound tiny("attack-beacons", rules, 1);
  Submission forged = done_by_hand(tiny, 0, {2, [](train::Recipe& recipe) { recipe.label_smoothing = 0.2; }});
  fs::create_directories(tiny.files(0).submission.parent_path());
  tiny.hand_in(0, forged);
  int caught = 0;
  constexpr int beacons = 8;
  for (int i = 0; i < beacons; ++i) {
    const Digest beacon = sha256(concat("beacon ", i));
    const std::vector<std::int64_t> links =
        chosen_links(link_seed(beacon, submission_digest(forged.header)), kTinyLinks, 1);
    const bool is_chosen = std::ranges::find(links, 2) != links.end();
    const Finding finding = tiny.audit(tiny.audit_case(), beacon)[0];
    EXPECT_EQ(finding.verdict, is_chosen ? Verdict::chain : Verdict::ok) << finding.detail;
    caught += is_chosen;
  }
  EXPECT_GT(caught, 0);
  EXPECT_LT(caught, beacons);
}

TEST_F(ChainAttack, AStateThatSaysItIsFurther) {  // a last link without any step left would prove nothing
  Task rules = tiny_task();
  rules.audit.links = 0;  // the first and the last alone
  TinyRound tiny("attack-further", rules, 1);
  const train::Recipe recipe = work_recipe(tiny.work(0));
  const train::FullState start = starting_state(recipe, tiny.parent);
  const train::FullState first = train_link(tiny, 0, recipe, start, kTinyLinkSteps);
  train::FullState wish = train_link(tiny, 0, recipe, first, 2 * kTinyLinkSteps);
  wish.step = tiny.task.round_steps;
  wish.parameters[0] += 0.25F;  // trained in whatever way
  const Digest state = train::state_digest(tiny.layout, wish);
  save_link(tiny.files(0).links, tiny.layout, wish, state);
  std::vector<std::pair<std::int64_t, Digest>> states{
      {0, train::state_digest(tiny.layout, start)},
      {kTinyLinkSteps, train::state_digest(tiny.layout, first)}};
  for (std::int64_t link = 2; link <= kTinyLinks; ++link) states.emplace_back(link * kTinyLinkSteps, state);
  Submission submission = around(tiny, 0, {copy_of(wish.parameters.span()), copy_of(wish.statistics.span())},
                                 chained(tiny, 0, states));
  fs::create_directories(tiny.files(0).submission.parent_path());
  tiny.hand_in(0, submission);
  const Finding finding = tiny.audit(tiny.audit_case())[0];
  EXPECT_EQ(finding.verdict, Verdict::chain);
  EXPECT_THAT(finding.detail, HasSubstr("is of step 12, the chain says 9"));
}

TEST_F(ChainAttack, AnotherModelThanTheLastLinks) {
  Submission submission = tiny_.submitted(kThief);
  submission.parameters[0] += 0.25F;
  submission =
      around(tiny_, kThief, {copy_of(submission.parameters.span()), copy_of(submission.statistics.span())},
             submission.header.chain);
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "not the one that its last link leads to");
}

TEST_F(ChainAttack, AChainThatDoesNotFollow) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain[2].chain = sha256("another history");
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "link 2 does not follow");
}

TEST_F(ChainAttack, AChainFromAnotherStart) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain = tiny_.submitted(kVictim).header.chain;
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "does not start");
}

TEST_F(ChainAttack, AShorterChain) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain.pop_back();
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "its chain has 4 entries instead of 5");
}

TEST_F(ChainAttack, MissingLinkStates) {
  fs::remove_all(tiny_.files(kThief).links);
  expect_caught(Verdict::chain, "missing or damaged");
}

TEST_F(ChainAttack, ADamagedLinkState) {
  const Submission submission = tiny_.submitted(kThief);
  const fs::path path = link_path(tiny_.files(kThief).links, submission.header.chain[1].state);
  fs::resize_file(path, fs::file_size(path) / 2);
  expect_caught(Verdict::chain, "missing or damaged");
}

}  // namespace
}  // namespace cohort::round
