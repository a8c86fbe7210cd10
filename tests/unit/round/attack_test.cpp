// Each attack on a round with its verdict: nothing crashes, nothing is paid, and the others are not harmed.
#include <gmock/gmock.h>

#include <limits>
#include <memory>

#include "cheat.hpp"
#include "cohort/core/error.hpp"
#include "cohort/round/reward.hpp"
#include "round/round_case.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// Three trained candidates; each test spoils what the last one handed in.
class Attack : public testing::Test {
 protected:
  static constexpr std::size_t kVictim = 0, kThief = 2;

  static void SetUpTestSuite() {
    shared_ = std::make_unique<TinyRound>("attack");
    for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(shared_->train(i).state, CandidateState::submitted);
    fs::rename(shared_->folder("run"), shared_->folder("clean"));
    rules_ = shared_->task;
  }
  static void TearDownTestSuite() { shared_.reset(); }

  void SetUp() override {
    tiny_.task = rules_;
    fs::remove_all(tiny_.folder("run"));
    fs::copy(tiny_.folder("clean"), tiny_.folder("run"), fs::copy_options::recursive);
  }

  /// The thief gets the verdict and nothing else; the honest get OK and all of the pool.
  void expect_caught(Verdict verdict, const std::string& detail) {
    expect_caught(tiny_.audit_case(), verdict, detail);
  }
  void expect_caught(const AuditCase& audit, Verdict verdict, const std::string& detail) {
    const std::vector<Finding> findings = tiny_.audit(audit);
    EXPECT_EQ(name_of(findings[kThief].verdict), name_of(verdict)) << findings[kThief].detail;
    EXPECT_THAT(findings[kThief].detail, HasSubstr(detail));
    EXPECT_FALSE(may_merge(findings[kThief].verdict));
    for (std::size_t i = 0; i < kThief; ++i)
      EXPECT_EQ(findings[i].verdict, Verdict::ok) << findings[i].member << ": " << findings[i].detail;
    const Rewards rewards = compute_rewards(audit_record(audit, {}, {}, findings),
                                            Amount::from_decimal("1000"), reward_options(tiny_.task.pool));
    EXPECT_TRUE(rewards.members[kThief].amount.is_zero());
    EXPECT_EQ(rewards.paid, rewards.pool);
  }

  static inline std::unique_ptr<TinyRound> shared_;
  static inline Task rules_;
  TinyRound& tiny_ = *shared_;
};

TEST_F(Attack, HonestWorkIsAccepted) {
  for (const Finding& finding : tiny_.audit(tiny_.audit_case())) {
    EXPECT_EQ(finding.verdict, Verdict::ok) << finding.detail;
    EXPECT_EQ(finding.links_replayed, (std::vector<std::int64_t>{1, 2, 3, 4}));
    EXPECT_EQ(finding.micro_batches, 24);
    EXPECT_GT(finding.hidden_correct, 0);
    EXPECT_GE(finding.validation_correct, finding.claim_correct);
  }
}

TEST_F(Attack, WorkByHandIsTheSameWork) {
  Submission by_hand = done_by_hand(tiny_, 1);
  EXPECT_EQ(submission_digest(by_hand.header), submission_digest(tiny_.submitted(1).header));
}

/// A wrong answer that the claim counts: its place in the confusion matrix.
std::size_t a_mistake(const Claim& claim) {
  for (std::size_t place = 0; place < claim.confusion.size(); ++place)
    if (place % 4 != 0 && claim.confusion[place] > 0) return place;  // three classes: 0, 4 and 8 are right
  throw Error("the model makes no mistake");
}

TEST_F(Attack, OverstatedByOneImage) {
  Submission submission = tiny_.submitted(kThief);
  Claim& claim = submission.header.claim;
  const std::size_t place = a_mistake(claim);
  --claim.confusion[place];
  ++claim.confusion[place / 3 * 4];
  ++claim.correct;
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::claim,
                concat("claims ", claim.correct, " of 7 correct, counted ", claim.correct - 1));
}

TEST_F(Attack, OtherMistakesThanClaimed) {
  Submission submission = tiny_.submitted(kThief);
  Claim& claim = submission.header.claim;
  const std::size_t place = a_mistake(claim), row = place / 3;
  --claim.confusion[place];
  for (std::size_t other = row * 3; other < row * 3 + 3; ++other)
    if (other != place && other % 4 != 0) ++claim.confusion[other];
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::claim, "confusion");
}

TEST_F(Attack, NotANumber) {
  Submission submission = tiny_.submitted(kThief);
  submission.parameters[5] = std::numeric_limits<float>::quiet_NaN();
  submission.header.model =
      model_digest(tiny_.layout, submission.parameters.span(), submission.statistics.span());
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::non_finite, "");
}

TEST_F(Attack, BeyondTheBound) {
  Submission submission = tiny_.submitted(kThief);
  submission.parameters[5] = 2e6F;
  submission.header.model =
      model_digest(tiny_.layout, submission.parameters.span(), submission.statistics.span());
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::non_finite, "beyond");
}

/// The file of a model of another kind, in place of the thief's.
Submission of_another_model(const TinyRound& tiny, const Submission& like, const nn::ModelOptions& options,
                            nn::StateLayout& layout) {
  layout = nn::layout_state(nn::build_model(options));
  Submission submission;
  submission.header = like.header;
  submission.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count));
  submission.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count));
  nn::initialise(layout, 3, submission.parameters.span(), submission.statistics.span());
  submission.header.model = model_digest(layout, submission.parameters.span(), submission.statistics.span());
  sign(submission, tiny.coordinator.keys[2]);
  return submission;
}

TEST_F(Attack, AnotherArchitecture) {
  nn::StateLayout layout;
  nn::ModelOptions options = tiny_.task.recipe.model;
  options.name = "resnet18";
  options.stem = "cifar";
  const Submission submission = of_another_model(tiny_, tiny_.submitted(kThief), options, layout);
  fs::remove(tiny_.files(kThief).submission);
  save_submission(tiny_.files(kThief).submission, layout, submission);
  const std::vector<Finding> findings = tiny_.audit(tiny_.audit_case());
  EXPECT_TRUE(findings[kThief].verdict == Verdict::size || findings[kThief].verdict == Verdict::format)
      << name_of(findings[kThief].verdict);
  expect_caught(findings[kThief].verdict, "");
}

TEST_F(Attack, AnotherNumberOfClasses) {
  nn::StateLayout layout;
  nn::ModelOptions options = tiny_.task.recipe.model;
  options.classes = 4;
  const Submission submission = of_another_model(tiny_, tiny_.submitted(kThief), options, layout);
  fs::remove(tiny_.files(kThief).submission);
  save_submission(tiny_.files(kThief).submission, layout, submission);
  expect_caught(Verdict::size, "");
}

TEST_F(Attack, ClaimOverAnotherNumberOfClasses) {
  Submission submission = tiny_.submitted(kThief);
  Claim& claim = submission.header.claim;
  claim.confusion.assign(4, 0);
  claim.confusion[0] = claim.correct;
  claim.confusion[1] = claim.samples - claim.correct;
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "classes");
}

TEST_F(Attack, ClaimOverOtherImages) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.claim.data = tiny_.dataset.subset_digest(tiny_.partition.parts[kVictim].validation);
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "other images");
}

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

TEST_F(Attack, AnOldRoundsSubmission) {
  AuditCase audit = tiny_.audit_case();
  audit.round = 2;
  const std::vector<Finding> findings = tiny_.audit(audit);
  for (const Finding& finding : findings) EXPECT_EQ(finding.verdict, Verdict::late) << finding.detail;
}

TEST_F(Attack, AnotherTasksSubmission) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.task = sha256("another task");
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::late, "another task");
}

TEST_F(Attack, HandedInBefore) {
  AuditCase audit = tiny_.audit_case();
  audit.spent.insert(submission_digest(tiny_.submitted(kThief).header));
  expect_caught(audit, Verdict::replayed, "handed in before");
}

TEST_F(Attack, TheUntrainedParent) {
  const Submission own = tiny_.submitted(kThief);
  Submission submission = around(
      tiny_, kThief, {copy_of(tiny_.parent.parameters.span()), copy_of(tiny_.parent.statistics.span())},
      own.header.chain);
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::duplicate, "untrained");
}

TEST_F(Attack, AnOwnLearningRateStated) {
  Submission submission = tiny_.submitted(kThief);
  for (auto& [key, value] : submission.header.recipe)
    if (key == "schedule.learning_rate") value = "0.0041";
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "schedule.learning_rate: stored 0.004, now 0.0041");
}

TEST_F(Attack, AnOwnLearningRateHidden) {
  for (std::int64_t link = 1; link <= kTinyLinks; ++link) {
    Submission submission = done_by_hand(
        tiny_, kThief, {link, [](train::Recipe& recipe) { recipe.schedule.learning_rate = 0.0041; }});
    tiny_.hand_in(kThief, submission);
    expect_caught(Verdict::chain, concat("link ", link, " leads to another state"));
  }
}

TEST_F(Attack, AForgedLinkPassesOnlyWhereNobodyLooks) {
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

TEST_F(Attack, AStateThatSaysItIsFurther) {  // a last link without any step left would prove nothing
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

TEST_F(Attack, AnotherModelThanTheLastLinks) {
  Submission submission = tiny_.submitted(kThief);
  submission.parameters[0] += 0.25F;
  submission =
      around(tiny_, kThief, {copy_of(submission.parameters.span()), copy_of(submission.statistics.span())},
             submission.header.chain);
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "not the one that its last link leads to");
}

TEST_F(Attack, AChainThatDoesNotFollow) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain[2].chain = sha256("another history");
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "link 2 does not follow");
}

TEST_F(Attack, AChainFromAnotherStart) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain = tiny_.submitted(kVictim).header.chain;
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::chain, "does not start");
}

TEST_F(Attack, AShorterChain) {
  Submission submission = tiny_.submitted(kThief);
  submission.header.chain.pop_back();
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::spec, "its chain has 4 entries instead of 5");
}

TEST_F(Attack, MissingLinkStates) {
  fs::remove_all(tiny_.files(kThief).links);
  expect_caught(Verdict::chain, "missing or damaged");
}

TEST_F(Attack, ADamagedLinkState) {
  const Submission submission = tiny_.submitted(kThief);
  const fs::path path = link_path(tiny_.files(kThief).links, submission.header.chain[1].state);
  fs::resize_file(path, fs::file_size(path) / 2);
  expect_caught(Verdict::chain, "missing or damaged");
}

TEST_F(Attack, Unsigned) {
  Submission submission = tiny_.submitted(kThief);
  submission.signature.reset();
  tiny_.replace(kThief, submission);
  expect_caught(Verdict::signature, "not signed");
}

TEST_F(Attack, SignedByAnother) {
  Submission submission = tiny_.submitted(kThief);
  const Digest digest = submission_digest(submission.header);
  submission.signature = tiny_.coordinator.keys[kVictim].sign(std::as_bytes(std::span(digest)));
  tiny_.replace(kThief, submission);
  expect_caught(Verdict::signature, "not by device-03's key");
}

TEST_F(Attack, UnderAnothersName) {
  tiny_.replace(kThief, tiny_.submitted(kVictim));
  expect_caught(Verdict::signature, "names a member or key");
}

TEST_F(Attack, TruncatedFile) {
  fs::resize_file(tiny_.files(kThief).submission, 3000);
  expect_caught(Verdict::format, "");
}

TEST_F(Attack, NotBetterThanTheBaseline) {  // honest and merged, but not paid
  AuditCase audit = tiny_.audit_case();
  audit.majority_correct = static_cast<std::int64_t>(audit.hidden_images.size());
  for (const Finding& finding : tiny_.audit(audit)) {
    EXPECT_EQ(finding.verdict, Verdict::baseline);
    EXPECT_GE(finding.validation_correct, 0);
  }
}

}  // namespace
}  // namespace cohort::round
