// States at links: what a replay starts from.
#include <gmock/gmock.h>

#include "made_submission.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LinkFile : public SubmissionFile {
 protected:
  [[nodiscard]] static train::FullState state(bool has_average) {
    train::FullState made;
    const auto parameters = static_cast<std::size_t>(layout().parameter_count);
    const auto statistics = static_cast<std::size_t>(layout().statistic_count);
    made.step = 40;
    made.parameters = AlignedBuffer<float>(parameters);
    made.statistics = AlignedBuffer<float>(statistics);
    nn::initialise(layout(), 1, made.parameters.span(), made.statistics.span());
    made.slot_names = {"m", "v"};
    for (const std::uint64_t seed : {2, 3}) {
      made.slots.emplace_back(parameters);
      AlignedBuffer<float> ignored(statistics);
      nn::initialise(layout(), seed, made.slots.back().span(), ignored.span());
    }
    if (has_average) {
      made.ema_parameters = AlignedBuffer<float>(parameters);
      made.ema_statistics = AlignedBuffer<float>(statistics);
      nn::initialise(layout(), 4, made.ema_parameters.span(), made.ema_statistics.span());
    }
    return made;
  }
};

TEST_F(LinkFile, ReadsBack) {
  for (const bool has_average : {false, true}) {
    const train::FullState saved = state(has_average);
    const Digest digest = train::state_digest(layout(), saved);
    save_link(path("links"), layout(), saved, digest);
    save_link(path("links"), layout(), saved, digest);
    const ReadLink read = read_link(path("links"), layout(), saved, digest);
    ASSERT_EQ(read.verdict, Verdict::ok) << read.detail;
    EXPECT_EQ(read.state.step, 40);
    EXPECT_EQ(train::state_digest(layout(), read.state), digest);
  }
}

/// What this machine cannot read is nobody's fault; only a file that is not there is missing.
TEST_F(LinkFile, IsTriedAgainWhenItCannotBeRead) {
  const train::FullState saved = state(false);
  const Digest digest = train::state_digest(layout(), saved);
  const std::string unreadable(300, 'n');  // longer than a name may be
  const ReadLink link = read_link(path(unreadable), layout(), saved, digest);
  EXPECT_EQ(link.verdict, Verdict::transient);
  EXPECT_THAT(link.detail, HasSubstr("this machine cannot read it"));
  EXPECT_EQ(read_link(path("nowhere"), layout(), saved, digest).verdict, Verdict::chain);
  const ReadSubmission submission = read_submission(path(unreadable), layout());
  EXPECT_EQ(submission.verdict, Verdict::transient);
  EXPECT_THAT(submission.detail, HasSubstr("this machine cannot read it"));
}

TEST_F(LinkFile, IsNotProvedWhenMissingOrOther) {
  const train::FullState saved = state(false);
  const Digest digest = train::state_digest(layout(), saved);
  EXPECT_EQ(read_link(path("links"), layout(), saved, digest).verdict, Verdict::chain);
  save_link(path("links"), layout(), saved, digest);
  EXPECT_EQ(read_link(path("links"), layout(), state(true), digest).verdict, Verdict::chain);
  const Digest other = filled(1);
  fs::rename(link_path(path("links"), digest), link_path(path("links"), other));
  const ReadLink read = read_link(path("links"), layout(), saved, other);
  EXPECT_EQ(read.verdict, Verdict::chain);
  EXPECT_THAT(read.detail, HasSubstr("not the one"));
}

}  // namespace
}  // namespace cohort::round
