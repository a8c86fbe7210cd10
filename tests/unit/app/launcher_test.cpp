#include "launcher.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace cohort::app {
namespace {

class Launcher : public ::testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) unsetenv(name);
  }
};

TEST_F(Launcher, IsAloneWithoutOne) {
  EXPECT_EQ(launched_processes(), 1);
}

TEST_F(Launcher, CountsProcessesOfEachKind) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    setenv(name, "6", 1);
    EXPECT_EQ(launched_processes(), 6) << name;
    setenv(name, "nonsense", 1);
    EXPECT_EQ(launched_processes(), 1) << name;
    unsetenv(name);
  }
}

}  // namespace
}  // namespace cohort::app
