#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/optim/optimizer.hpp"

namespace cohort::optim {
namespace {

TEST(OptimizerOptions, HaveANameForEachKind) {
  EXPECT_EQ(name_of(OptimizerKind::sgd), "sgd");
  EXPECT_EQ(name_of(OptimizerKind::adamw), "adamw");
  EXPECT_EQ(name_of(OptimizerKind::lars), "lars");
}

TEST(OptimizerOptions, AreReportedAllAtOnce) {
  try {
    check_optimizer({.momentum = 1, .epsilon = 0, .clip_norm = -1});
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    for (const char* part : {"momentum", "epsilon", "clip_norm"}) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
}

/// What check_optimizer says; empty when it accepts.
std::string problems_of(const OptimizerOptions& options) {
  try {
    check_optimizer(options);
    return "";
  } catch (const UsageError& error) {
    return error.what();
  }
}

TEST(OptimizerOptions, AreRefusedByTheFloatThatStepsUse) {
  const auto mentions = [](const OptimizerOptions& options, const char* part) {
    return problems_of(options).find(part) != std::string::npos;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {1e-46, 1e-40, 1e39, infinity, -1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_TRUE(mentions({.epsilon = value}, "epsilon")) << value;
  for (const double value : {1e39, infinity}) {
    EXPECT_TRUE(mentions({.weight_decay = value}, "weight_decay")) << value;
    EXPECT_TRUE(mentions({.trust = value}, "trust")) << value;
  }
  const double near_one = 1 - 1e-9;  // 1 as a float
  EXPECT_TRUE(mentions({.momentum = near_one}, "momentum"));
  EXPECT_TRUE(mentions({.beta1 = near_one}, "beta1"));
  EXPECT_TRUE(mentions({.beta2 = near_one}, "beta2"));
  EXPECT_EQ(problems_of({.momentum = 0.9999999, .epsilon = 1.2e-38, .weight_decay = 0}), "");
}

TEST(OptimizerOptions, LeaveAParameterWithoutGradientsInPlace) {
  const OptimizerOptions options{.kind = OptimizerKind::adamw, .epsilon = 1.2e-38, .weight_decay = 0};
  const std::vector<TensorRange> tensors{{0, 16, true}};
  Optimizer<float> optimizer(options, tensors, kernels::exact_table("auto"), 0, 16);
  std::vector<float> parameters(16, 0.5F), gradient(16, 0.0F);
  optimizer.step(0, 0.1, {}, gradient, parameters);
  EXPECT_EQ(parameters, std::vector<float>(16, 0.5F));
}

}  // namespace
}  // namespace cohort::optim
