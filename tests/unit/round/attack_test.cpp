// Attacks on what is handed in, each with its verdict: nothing crashes, nothing is paid, and the others are
// not harmed.
#include "attack.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace cohort::round {
namespace {

using testing::HasSubstr;

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

/// Hidden images that the submission's model takes for another class.
std::vector<std::int32_t> hidden_mistakes(TinyRound& tiny, const Submission& submission) {
  Workers workers = tiny.workers();
  std::vector<std::int32_t> mistakes;
  for (std::int32_t image = 0; image < tiny.hidden.size(); ++image)
    if (count_correct(workers, tiny.hidden, {image}, tiny.model, tiny.layout,
                      {copy_of(submission.parameters.span()), copy_of(submission.statistics.span())}) == 0)
      mistakes.push_back(image);
  return mistakes;
}

TEST_F(Attack, CountsThatTheHiddenImagesRefute) {  // as of a model that was fitted to its validation images
  AuditCase audit = tiny_.audit_case();
  audit.hidden_images = hidden_mistakes(tiny_, tiny_.submitted(kThief));
  const Finding found = tiny_.audit(audit).at(kThief);
  EXPECT_EQ(name_of(found.verdict), "STAT") << found.detail;
  EXPECT_EQ(found.detail,
            concat("0 of ", audit.hidden_images.size(), " hidden images correct refute the claim"));
  EXPECT_EQ(found.hidden_correct, 0);
  EXPECT_TRUE(found.links_replayed.empty());
  EXPECT_EQ(found.validation_correct, -1);
  EXPECT_FALSE(may_merge(found.verdict));
  EXPECT_TRUE(is_fault(found.verdict));

  audit.hidden_images.resize(1);  // one mistake refutes nothing
  EXPECT_EQ(tiny_.audit(audit).at(kThief).verdict, Verdict::baseline);
}

TEST_F(Attack, NotANumber) {
  Submission submission = tiny_.submitted(kThief);
  submission.parameters[5] = std::numeric_limits<float>::quiet_NaN();
  submission.header.model =
      model_digest(tiny_.layout, submission.parameters.span(), submission.statistics.span());
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::non_finite, "");
}

void spoil_answers(const TinyRound& tiny, Submission& submission) {
  make_infinite(submission.parameters.span(), submission.statistics.span());
  submission.header.model =
      model_digest(tiny.layout, submission.parameters.span(), submission.statistics.span());
}

TEST_F(Attack, AnswersThatAreNotFinite) {
  Submission submission = tiny_.submitted(kThief);
  spoil_answers(tiny_, submission);
  tiny_.hand_in(kThief, submission);
  expect_caught(Verdict::non_finite, "answers are not finite");
}

TEST_F(Attack, AnswersThatAreNotFiniteWithoutAClaim) {
  tiny_.task.audit.evidence = Evidence::claim;
  tiny_.partition.parts[kThief].validation.clear();
  const auto digest = task_digest(tiny_.task);
  for (std::size_t i = 0; i < 3; ++i) {
    Submission submission = tiny_.submitted(i);
    submission.header.task = digest;
    submission.header.recipe = train::recipe_text(work_recipe(tiny_.work(i)));
    if (i == kThief) spoil_answers(tiny_, submission);
    if (i == kThief)
      submission.header.claim = {0, 0, std::vector<std::int64_t>(9), tiny_.dataset.subset_digest({})};
    tiny_.hand_in(i, submission);
  }
  AuditCase audit = tiny_.audit_case();
  const std::vector<Finding> with_hidden = tiny_.audit(audit);
  audit.hidden = nullptr;  // then the common validation set alone can tell
  const std::vector<Finding> without = tiny_.audit(audit);
  for (const auto& findings : {with_hidden, without}) {
    EXPECT_EQ(name_of(findings[kThief].verdict), "NONFINITE") << findings[kThief].detail;
    EXPECT_EQ(findings[kThief].hidden_correct, -1);
    EXPECT_EQ(findings[kThief].validation_correct, -1);
    for (std::size_t i = 0; i < kThief; ++i)
      EXPECT_EQ(findings[i].verdict, Verdict::ok_unproven) << findings[i].detail;
  }
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

TEST_F(Attack, HandedInBefore) {  // the first round's submission again, while the others do the second's work
  AuditCase audit = tiny_.audit_case();
  audit.round = 2;
  for (std::size_t i = 0; i < 3; ++i) audit.spent.insert(submission_digest(tiny_.submitted(i).header));
  for (std::size_t i = 0; i < kThief; ++i) {
    fs::remove(tiny_.files(i).submission);
    fs::remove(tiny_.files(i).progress);
    Workers workers = tiny_.workers();
    const CandidateResult result =
        train_candidate(workers, tiny_.work(i, 2), tiny_.files(i), tiny_.coordinator.keys.at(i));
    ASSERT_EQ(result.state, CandidateState::submitted);
  }
  expect_caught(audit, Verdict::replayed, "handed in before, in round 1");
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
  expect_caught(Verdict::spec, "schedule.learning_rate: assigned 0.004, submitted 0.0041");
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
