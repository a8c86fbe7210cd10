#include <gtest/gtest.h>

#include <array>

#include "small_run.hpp"

namespace cohort::report {
namespace {

TEST(RoundsCsv, HasARowForEachRound) {
  SmallRun run = small_run();
  run.records[1].findings[0].verdict = round::Verdict::claim;
  run.records[1].incumbent_hidden = -1;
  run.records[1].failures[1] = "diverged";
  const std::array<std::optional<double>, 2> balanced{0.625, std::nullopt};
  const std::string csv = rounds_csv(run.records, run.rewards, balanced);
  EXPECT_EQ(
      csv,
      "round,candidates,submitted,accepted,merged,halted,validation_images,incumbent_correct,best_correct,"
      "validation_correct,hidden_images,incumbent_hidden,majority_hidden,paid,carried,model,"
      "validation_balanced_accuracy\n" +
          concat("1,3,3,3,2,1,57,31,42,43,400,203,202,1234567,0,", to_hex(sha256("model 1")), ",0.625\n") +
          concat("2,2,1,1,0,0,57,31,42,43,400,,202,,,", to_hex(sha256("model 2")), ",\n"));
}

}  // namespace
}  // namespace cohort::report
