#include "round/candidate_progress.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

bool are_equal(const ChainLink& a, const ChainLink& b) {
  return a.step == b.step && a.state == b.state && a.chain == b.chain;
}

CandidateProgress some_progress() {
  CandidateProgress progress;
  progress.round = sha256("round");
  progress.chain = {{0, sha256("a"), sha256("A")}, {5, sha256("b"), sha256("B")}};
  return progress;
}

TEST(CandidateProgress, ReadsBackWhatWasSaved) {
  tests::TemporaryFolder folder("progress");
  const auto path = folder.path() / "progress.json";
  EXPECT_FALSE(read_progress(path, sha256("round")));
  CandidateProgress progress = some_progress();
  for (const bool stops : {false, true}) {
    if (stops) progress.stop = ChainLink{7, sha256("c"), {}};
    save_progress(path, progress);
    const auto read = read_progress(path, sha256("round"));
    ASSERT_TRUE(read);
    ASSERT_EQ(read->chain.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(are_equal(read->chain[i], progress.chain[i]));
    EXPECT_EQ(read->stop.has_value(), stops);
    EXPECT_EQ(read->newest().step, stops ? 7 : 5);
  }
}

TEST(CandidateProgress, RefusesWhatIsNotItsOwn) {
  tests::TemporaryFolder folder("progress-foreign");
  const auto path = folder.path() / "progress.json";
  save_progress(path, some_progress());
  EXPECT_THAT([&] { read_progress(path, sha256("another round")); },
              ThrowsMessage<CheckpointError>(HasSubstr("another task or round")));
  std::ofstream(path, std::ios::trunc) << R"({"schema": "something/1"})";
  EXPECT_THAT([&] { read_progress(path, sha256("round")); },
              ThrowsMessage<CheckpointError>(HasSubstr("not a candidate's progress")));
  CandidateProgress empty = some_progress();
  empty.chain.clear();
  save_progress(path, empty);
  EXPECT_THAT([&] { read_progress(path, sha256("round")); },
              ThrowsMessage<CheckpointError>(HasSubstr("has no start")));
  for (const char* damaged :
       {"{", "{}", "[]", R"({"schema": "cohort.candidate-progress/1", "round": "no digest"})"}) {
    std::ofstream(path, std::ios::trunc) << damaged;
    EXPECT_THAT([&] { read_progress(path, sha256("round")); },
                ThrowsMessage<DataError>(
                    testing::AllOf(HasSubstr("progress.json: "), HasSubstr("; remove it to train"))))
        << damaged;
  }
}

}  // namespace
}  // namespace cohort::round
