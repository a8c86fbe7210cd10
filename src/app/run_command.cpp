#include "run_command.hpp"

#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::app {
namespace fs = std::filesystem;
namespace {

/// The last line of command.txt, without its time.
std::string last_command(const fs::path& run) {
  const fs::path file = run / "command.txt";
  if (!fs::exists(file)) return "";
  const std::vector<std::string> lines = split(trim(store::read_text(file)), '\n');
  const std::size_t blank = lines.back().find("  ");
  return blank == std::string::npos ? "" : visible_word(trim(lines.back().substr(blank)));
}

/// As environment.json, which is written with the command, has them; 1 where it cannot be read.
std::int64_t ranks_of_run(const fs::path& run) {
  try {
    return Json::parse(store::read_text(run / "environment.json")).at("ranks").as_int();
  } catch (const Error&) {
    return 1;
  }
}

}  // namespace

std::string command_of_run(const fs::path& run) {
  const std::string command = last_command(run);
  const std::int64_t ranks = ranks_of_run(run);
  return command.empty() || ranks < 2 ? command : concat("mpirun -n ", ranks, " ", command);
}

}  // namespace cohort::app
