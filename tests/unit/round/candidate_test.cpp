// One candidate's round: stopped anywhere, it ends in the same submission.
#include "cohort/round/candidate.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "cohort/core/error.hpp"
#include "cohort/identity/commitment.hpp"
#include "round/candidate_progress.hpp"
#include "support/leased_file.hpp"
#include "tiny_round.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Digest round_of(const TinyRound& tiny) {
  return identity::round_digest(task_digest(tiny.task), 1);
}

TEST(Candidate, EndsInTheSameSubmissionHoweverItWasStopped) {
  TinyRound tiny("candidate");
  const CandidateResult whole = tiny.train(0, "whole");
  ASSERT_EQ(whole.state, CandidateState::submitted);
  EXPECT_EQ(whole.steps, tiny.task.round_steps);
  for (const std::int64_t stop : {1, 2, 3, 5}) {  // at links and between them
    const std::string run = concat("stopped-", stop);
    int starts = 1;
    CandidateResult result = tiny.train(0, run, stop);
    for (; result.state == CandidateState::stopped; ++starts) {
      EXPECT_EQ(result.steps, starts * stop);
      EXPECT_FALSE(fs::exists(tiny.files(0, run).submission));
      result = tiny.train(0, run, stop);
    }
    EXPECT_EQ(starts, (tiny.task.round_steps + stop - 1) / stop);
    EXPECT_EQ(result.submission, whole.submission);
  }
}

TEST(Candidate, GoesOnFromTheLastLinkAfterAKill) {
  TinyRound tiny("killed");
  const CandidateResult whole = tiny.train(0, "whole");
  ASSERT_EQ(tiny.train(0, "run", 2 * kTinyLinkSteps).state, CandidateState::stopped);
  const CandidateFiles files = tiny.files(0);
  // The link's file may be written and the progress not, or the other way only after the file.
  std::string progress;
  {
    std::ifstream in(files.progress);
    progress.assign(std::istreambuf_iterator<char>(in), {});
  }
  ASSERT_EQ(tiny.train(0).submission, whole.submission);
  fs::remove(files.submission);
  std::ofstream(files.progress, std::ios::trunc) << progress;
  EXPECT_EQ(tiny.train(0).submission, whole.submission);
}

std::int64_t files_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(Candidate, LosesToAKillWhatCameAfterTheStateThatTimeKept) {
  TinyRound tiny("kept-by-time");
  const CandidateResult whole = tiny.train(0, "whole");
  Upkeep upkeep;
  upkeep.keep_interval_s = 0;
  std::vector<std::int64_t> steps;
  upkeep.after_step = [&](const train::StepResult&, std::int64_t step) {
    steps.push_back(step);
    if (steps.size() == 5) throw Error("killed");
  };
  EXPECT_THROW(tiny.train(0, "run", 0, upkeep), Error);
  EXPECT_EQ(read_progress(tiny.files(0).progress, round_of(tiny))->newest().step, 4);
  EXPECT_EQ(tiny.train(0, "run", 0, upkeep).submission, whole.submission);
  EXPECT_THAT(steps, testing::ElementsAre(1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_EQ(files_in(tiny.files(0).links), kTinyLinks) << "what is kept between links goes with the next one";
}

TEST(Candidate, KeepsNothingBetweenLinksBeforeItIsTime) {
  TinyRound tiny("kept-by-links");
  Upkeep upkeep;
  upkeep.after_step = [&](const train::StepResult&, std::int64_t step) {
    if (step == 6) throw Error("killed");
  };
  EXPECT_THROW(tiny.train(0, "run", 0, upkeep), Error);
  EXPECT_EQ(read_progress(tiny.files(0).progress, round_of(tiny))->newest().step, 3);
}

TEST(Candidate, IsNotTrainedAgain) {
  TinyRound tiny("again");
  const CandidateResult first = tiny.train(0);
  const auto written = fs::last_write_time(tiny.files(0).submission);
  fs::remove_all(tiny.files(0).links);
  EXPECT_EQ(tiny.train(0).submission, first.submission);
  EXPECT_EQ(fs::last_write_time(tiny.files(0).submission), written);
}

TEST(Candidate, IsBoundToItsKey) {
  TinyRound tiny("keys");
  EXPECT_NE(work_recipe(tiny.work(0)).seed, work_recipe(tiny.work(1)).seed);
  EXPECT_NE(work_recipe(tiny.work(0)).seed, work_recipe(tiny.work(0, 2)).seed);
  const std::uint64_t before = work_recipe(tiny.work(0)).seed;
  tiny.task.registration_beacon = sha256("another");
  EXPECT_NE(work_recipe(tiny.work(0)).seed, before);
}

TEST(Candidate, RefusesForeignFiles) {
  TinyRound tiny("foreign");
  ASSERT_EQ(tiny.train(0, "run", 1).state, CandidateState::stopped);
  const CandidateFiles files = tiny.files(0);
  tiny.task.audit.links = 1;  // another task
  EXPECT_THAT([&] { tiny.train(0); },
              testing::ThrowsMessage<Error>(HasSubstr("belongs to another task or round")));
  tiny.task.audit.links = 2;
  fs::remove_all(files.links);
  EXPECT_THAT([&] { tiny.train(0); },
              testing::ThrowsMessage<Error>(HasSubstr("train this candidate's round again")));
  fs::remove(files.progress);
  EXPECT_EQ(tiny.train(0).state, CandidateState::submitted);
}

/// Runs while nobody can open the file: nothing may be said that loses work.
void refuses_for_now(TinyRound& tiny, const fs::path& file) {
  const tests::LeasedFile lease(file);
  if (!lease.is_held()) GTEST_SKIP() << "no leases on this file system";
  try {
    tiny.train(0);
    ADD_FAILURE() << "read " << file;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::failed);
    EXPECT_THAT(e.what(), AllOf(HasSubstr(file.filename().string()), HasSubstr("run the same command again"),
                                Not(HasSubstr("remove"))));
  }
}

TEST(Candidate, IsNotTrainedAnewForAFileThatCannotBeReadNow) {
  TinyRound tiny("transient");
  ASSERT_EQ(tiny.train(0, "run", 1).state, CandidateState::stopped);
  const CandidateFiles files = tiny.files(0);
  refuses_for_now(tiny,
                  link_path(files.links, read_progress(files.progress, round_of(tiny))->newest().state));
  EXPECT_EQ(tiny.train(0).state, CandidateState::submitted);
  refuses_for_now(tiny, files.submission);
  EXPECT_EQ(tiny.train(0).state, CandidateState::submitted);
}

TEST(Candidate, SaysThatItDiverged) {
  Task rules = tiny_task();
  rules.recipe.schedule.learning_rate = 1e6;
  TinyRound tiny("diverged", rules);
  const CandidateResult result = tiny.train(0);
  EXPECT_EQ(result.state, CandidateState::failed);
  EXPECT_FALSE(result.detail.empty());
  EXPECT_FALSE(fs::exists(tiny.files(0).submission));
}

/// The last step may leave weights behind whose damage no further step finds.
TEST(Candidate, SaysThatItsLastStepDiverged) {
  for (const auto& [largest, words] : {std::pair{1e6, "a weight is not finite or beyond 1e+06"},
                                       std::pair{3e38, "answers to its validation images are not finite"}}) {
    Task rules = tiny_task();
    rules.round_steps = rules.link_steps = 1;
    rules.recipe.schedule.learning_rate = 9e8;
    rules.audit.largest_value = largest;
    TinyRound tiny("last-step", rules);
    for (int start = 0; start < 2; ++start) {  // again after it was told, too
      const CandidateResult result = tiny.train(0);
      EXPECT_EQ(result.state, CandidateState::failed);
      EXPECT_EQ(result.steps, 1);
      EXPECT_THAT(result.detail, HasSubstr(words)) << largest;
      EXPECT_FALSE(fs::exists(tiny.files(0).submission));
    }
  }
}

TEST(CountCorrect, IsNoneWhereAnswersAreNotFinite) {
  TinyRound tiny("not-finite");
  const std::vector<std::int32_t> samples = tiny.dataset.indices(data::Split::validation);
  Workers workers = tiny.workers();
  const auto correct = [&] {
    return count_correct(workers, tiny.dataset, samples, tiny.model, tiny.layout, tiny.parent);
  };
  EXPECT_GT(correct(), 0);
  make_infinite(tiny.parent.parameters.span(), tiny.parent.statistics.span());
  EXPECT_EQ(correct(), 0);
  EXPECT_FALSE(count_claim(workers, tiny.dataset, samples, tiny.model, tiny.layout, tiny.parent));
}

}  // namespace
}  // namespace cohort::round
