#include "run_command.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/tiny_run.hpp"

namespace cohort::app {
namespace {

TEST(CommandOfRun, IsTheLastOneWithItsRanks) {
  const tests::TemporaryFolder folder("command-of-run");
  const std::filesystem::path run = folder.path();
  EXPECT_EQ(command_of_run(run), "");
  std::ofstream(run / "command.txt") << "2026-01-01T00:00:00Z  cohort train a.toml\n"
                                        "2026-01-02T00:00:00Z  cohort train 'b c.toml'\n";
  EXPECT_EQ(command_of_run(run), "cohort train 'b c.toml'");
  std::ofstream(run / "environment.json") << R"({"ranks": 4, "threads_per_rank": 2})";
  EXPECT_EQ(command_of_run(run), "mpirun -n 4 cohort train 'b c.toml'");
  std::ofstream(run / "environment.json") << R"({"ranks": 1})";
  EXPECT_EQ(command_of_run(run), "cohort train 'b c.toml'");
  for (const char* damaged : {"{", R"({"ranks": "many"})", "[]"}) {
    std::ofstream(run / "environment.json") << damaged;
    EXPECT_EQ(command_of_run(run), "cohort train 'b c.toml'") << damaged;
  }
}

}  // namespace
}  // namespace cohort::app
