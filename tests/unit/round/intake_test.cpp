// What is taken in of a stranger's folder, and what shows before that it is not the member's for the round.
#include "cohort/round/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "cohort/core/text.hpp"
#include "unit/round/tiny_round.hpp"

namespace cohort::round {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class TakingIn : public ::testing::Test {
 protected:
  TakingIn() { tiny_.train(0, "sent"); }

  [[nodiscard]] Intake intake() const {
    return {run_,
            tiny_.task,
            tiny_.layout,
            tiny_.dataset,
            tiny_.partition,
            1,
            model_digest(tiny_.layout, tiny_.parent.parameters.span(), tiny_.parent.statistics.span())};
  }
  [[nodiscard]] HandedIn given(const fs::path& from) const { return {tiny_.task.members[0].name, from}; }
  [[nodiscard]] std::string problems(const fs::path& from) const {
    return joined(intake_problems(intake(), given(from)), "; ");
  }
  [[nodiscard]] fs::path first_state() const { return fs::directory_iterator(sent_.links)->path(); }

  TinyRound tiny_{"intake"};
  const fs::path from_ = tiny_.folder("sent");
  const CandidateFiles sent_ = tiny_.files(0, "sent");
  const RoundPaths run_{tiny_.folder("run")};
  const CandidateFiles taken_ = tiny_.files(0, "run");
};

TEST_F(TakingIn, CopiesTheSubmissionAndItsStatesAndNothingElse) {
  std::ofstream(sent_.links / "more.h5") << "junk";
  fs::create_directories(RoundPaths{from_}.round(1));
  std::ofstream(RoundPaths{from_}.record(1)) << "{}";
  ASSERT_THAT(intake_problems(intake(), given(from_)), IsEmpty());
  EXPECT_EQ(take_in(intake(), given(from_)), kTinyLinks);
  EXPECT_TRUE(fs::exists(taken_.submission));
  EXPECT_EQ(std::distance(fs::directory_iterator(taken_.links), {}), kTinyLinks);
  EXPECT_FALSE(fs::exists(run_.record(1)));
  EXPECT_FALSE(fs::exists(taken_.progress));
}

TEST_F(TakingIn, TakesNoRightsAlong) {
  fs::permissions(sent_.submission, fs::perms::all | fs::perms::set_uid | fs::perms::set_gid);
  take_in(intake(), given(from_));
  const fs::perms others = fs::perms::group_write | fs::perms::others_write | fs::perms::set_uid |
                           fs::perms::set_gid | fs::perms::owner_exec;
  EXPECT_EQ(fs::status(taken_.submission).permissions() & others, fs::perms::none);
}

TEST_F(TakingIn, RefusesWhatIsNoFile) {
  const fs::path state = first_state();
  fs::remove(state);
  fs::create_symlink("/etc/hostname", state);
  EXPECT_THAT(problems(from_), HasSubstr("is a link"));
  fs::remove(state);
  ASSERT_EQ(::mkfifo(state.c_str(), 0600), 0);
  EXPECT_THAT(problems(from_), HasSubstr("not a regular file"));  // and does not wait for a writer
  fs::remove(state);
  EXPECT_THAT(problems(from_),
              HasSubstr(concat("1 of the ", kTinyLinks, " states of its chain are missing")));
  EXPECT_FALSE(fs::exists(run_.round(1)));
}

TEST_F(TakingIn, RefusesWhatIsNotTheMembersForTheRound) {
  EXPECT_THAT(intake_problems(intake(), {tiny_.task.members[1].name, sent_.submission}),
              ::testing::Contains(HasSubstr("the submission is ")));
  EXPECT_THAT(intake_problems(intake(), {"nobody", from_}), ElementsAre(HasSubstr("no member 'nobody'")));
  Intake other = intake();
  other.parent = sha256("another model");
  other.round = 2;
  EXPECT_THAT(joined(intake_problems(other, given(sent_.submission)), "; "),
              AllOf(HasSubstr("is for round 1, not 2"), HasSubstr("started from model")));
}

TEST_F(TakingIn, ReplacesStatesThatCameCutShortAndKeepsTheFirstSubmission) {
  take_in(intake(), given(from_));
  const fs::path state = taken_.links / first_state().filename();
  fs::resize_file(state, 100);
  take_in(intake(), given(from_));
  EXPECT_EQ(fs::file_size(state), fs::file_size(first_state()));
  Submission second = tiny_.submitted(0, "sent");
  second.header.claim.correct = 0;
  sign(second, tiny_.coordinator.keys.at(0));
  fs::remove(sent_.submission);
  save_submission(sent_.submission, tiny_.layout, second);
  EXPECT_THAT(problems(from_), HasSubstr("has handed in another submission before"));
}

TEST_F(TakingIn, RefusesChainsOfAnotherLength) {  // each state of which would fill the coordinator's disk
  for (const Evidence evidence : {Evidence::replay, Evidence::hidden, Evidence::claim}) {
    tiny_.task.audit.evidence = evidence;
    Submission longer = tiny_.submitted(0, "sent");
    for (int more = 0; more < 100; ++more) {
      const ChainLink last = longer.header.chain.back();
      longer.header.chain.push_back(
          {last.step + 1, last.state, chain_next(last.chain, last.step + 1, last.state)});
    }
    sign(longer, tiny_.coordinator.keys.at(0));
    const fs::path file = tiny_.folder(concat("longer-", name_of(evidence), ".h5"));
    save_submission(file, tiny_.layout, longer);
    EXPECT_THAT(problems(file), HasSubstr(concat("its chain has ", kTinyLinks + 100, " links")))
        << name_of(evidence);
  }
}

TEST_F(TakingIn, KnowsWhatItHasTakenIn) {
  EXPECT_FALSE(was_taken_in(run_, 1, given(from_)));
  take_in(intake(), given(from_));
  EXPECT_TRUE(was_taken_in(run_, 1, given(from_)));
  EXPECT_TRUE(was_taken_in(run_, 1, given(sent_.submission)));
  EXPECT_TRUE(was_taken_in(run_, 1, given(tiny_.folder("gone"))));  // an inbox may be emptied
  EXPECT_FALSE(was_taken_in(run_, 1, given(tiny_.folder("tiny.h5"))));
}

TEST_F(TakingIn, RefusesStatesThatAreNotWhatTheirNamesSay) {
  fs::resize_file(first_state(), 100);
  EXPECT_THAT(problems(from_), HasSubstr("not the state after step "));
}

}  // namespace
}  // namespace cohort::round
