// Schedules against PyTorch 1.13: the pinned rates are what its optimizers reported at each step.
#include "cohort/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort::optim {
namespace {

void expect_rates(const ScheduleOptions& options,
                  const std::vector<std::pair<std::int64_t, double>>& expected) {
  check_schedule(options);
  for (const auto& [step, rate] : expected) {
    EXPECT_NEAR(learning_rate_at(options, step), rate, 1e-14 + 1e-12 * rate) << "step " << step;
  }
}

TEST(Schedule, AnnealsAlongACosineAsPyTorchDoes) {
  expect_rates({.kind = ScheduleKind::cosine, .learning_rate = 0.1, .minimum = 1e-3, .total_steps = 100},
               {{0, 0.1},
                {1, 0.09997557473810371},
                {37, 0.07015882058642164},
                {50, 0.0505},
                {99, 0.0010244252618962857}});
}

TEST(Schedule, DropsInStepsAsPyTorchDoes) {
  expect_rates(
      {.kind = ScheduleKind::step, .learning_rate = 0.1, .total_steps = 40, .step_size = 7, .gamma = 0.3},
      {{0, 0.1}, {6, 0.1}, {7, 0.03}, {13, 0.03}, {14, 0.009}, {39, 0.00024299999999999994}});
}

TEST(Schedule, RunsOneCycleAsPyTorchDoes) {
  ScheduleOptions options{.kind = ScheduleKind::one_cycle, .learning_rate = 0.1, .total_steps = 97};
  expect_rates(options, {{0, 0.004},
                         {1, 0.004299671839648689},
                         {15, 0.057088520953211055},
                         {28, 0.09999700018948132},
                         {29, 0.09995665682400688},
                         {60, 0.05473553655783786},
                         {95, 5.390828007909834e-05},
                         {96, 4e-07}});
  options = {.kind = ScheduleKind::one_cycle,
             .learning_rate = 0.5,
             .total_steps = 10,
             .rise_fraction = 0.4,
             .start_divisor = 10,
             .final_divisor = 100};
  expect_rates(options, {{0, 0.05},
                         {1, 0.1625},
                         {2, 0.3875},
                         {3, 0.5},
                         {4, 0.4665398445951636},
                         {5, 0.375125},
                         {6, 0.25025},
                         {7, 0.125375},
                         {8, 0.033960155404836434},
                         {9, 0.0005}});
}

TEST(Schedule, RunsAOneCycleTooShortToRise) {
  expect_rates(
      {.kind = ScheduleKind::one_cycle, .learning_rate = 0.1, .total_steps = 3, .rise_fraction = 0.1},
      {{0, 0.08431214464510911}, {1, 0.03019629091399539}, {2, 4e-07}});
  expect_rates({.kind = ScheduleKind::one_cycle, .learning_rate = 0.1, .total_steps = 1}, {{0, 4e-07}});
  // The rise ends at step 0 exactly, where PyTorch divides by zero.
  expect_rates(
      {.kind = ScheduleKind::one_cycle, .learning_rate = 0.1, .total_steps = 2, .rise_fraction = 0.5},
      {{0, 0.1}, {1, 4e-07}});
}

TEST(Schedule, WarmsUpLinearlyThenStartsAtThePeak) {
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::cosine, ScheduleKind::step}) {
    const ScheduleOptions options{
        .kind = kind, .learning_rate = 0.8, .total_steps = 104, .warmup_steps = 4, .step_size = 10};
    expect_rates(options, {{0, 0.2}, {1, 0.4}, {2, 0.6}, {3, 0.8}, {4, 0.8}});
  }
  // What follows is the schedule of the steps that are left.
  expect_rates({.kind = ScheduleKind::cosine,
                .learning_rate = 0.1,
                .minimum = 1e-3,
                .total_steps = 104,
                .warmup_steps = 4},
               {{5, 0.09997557473810371}, {41, 0.07015882058642164}, {103, 0.0010244252618962857}});
}

TEST(Schedule, KeepsItsEndBeyondTheLastStep) {
  ScheduleOptions options{
      .kind = ScheduleKind::cosine, .learning_rate = 0.1, .minimum = 1e-3, .total_steps = 10};
  EXPECT_EQ(learning_rate_at(options, 10), 1e-3);
  EXPECT_EQ(learning_rate_at(options, 1000), 1e-3);
  options.kind = ScheduleKind::one_cycle;
  EXPECT_EQ(learning_rate_at(options, 1000), learning_rate_at(options, 9));
  options.kind = ScheduleKind::constant;
  EXPECT_EQ(learning_rate_at(options, 1000), 0.1);
}

TEST(Schedule, HasANameForEachKind) {
  EXPECT_EQ(name_of(ScheduleKind::constant), "constant");
  EXPECT_EQ(name_of(ScheduleKind::cosine), "cosine");
  EXPECT_EQ(name_of(ScheduleKind::step), "step");
  EXPECT_EQ(name_of(ScheduleKind::one_cycle), "one_cycle");
}

TEST(Schedule, ReportsAllBadOptions) {
  try {
    check_schedule(
        {.kind = ScheduleKind::cosine, .learning_rate = 0, .total_steps = 5, .warmup_steps = 9, .gamma = 2});
    ADD_FAILURE() << "accepted";
  } catch (const UsageError& error) {
    const std::string text = error.what();
    for (const char* part : {"learning rate", "warm-up is longer", "gamma"}) {
      EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace cohort::optim
