#include "run_holder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "cohort/core/host.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::app {
namespace fs = std::filesystem;
namespace {
constexpr auto kQuiet = std::chrono::minutes(5);  // a job says more often than this how far it is

struct Owner {
  std::int64_t process = 0;
  std::string host;
};

/// From "process 17 on somewhere".
Owner owner_of(const fs::path& lock) {
  const std::vector<std::string> words = split(trim(store::read_text(lock)), ' ');
  if (words.size() != 4 || words[0] != "process" || words[2] != "on") return {};
  return {parse_int(words[1]).value_or(0), words[3]};
}

/// Numbers of processes come round again, so the name must fit, too.
bool is_ours(std::int64_t process) {
  const fs::path file = fs::path("/proc") / std::to_string(process) / "stat";  // 17 (cohort) S ...
  std::error_code error;
  return is_alive(process) && fs::exists(file, error) &&
         store::read_text(file).find(" (cohort) ") != std::string::npos;
}

bool has_written_lately(const fs::path& run) {
  for (const char* name : {"log.txt", "status.json", "metrics.jsonl"}) {
    std::error_code error;
    const auto time = fs::last_write_time(run / name, error);
    if (!error && fs::file_time_type::clock::now() - time < kQuiet) return true;
  }
  return false;
}
}  // namespace

Holder holder_of(const fs::path& run) {
  const fs::path path = run / ".lock";
  std::error_code error;
  if (!fs::exists(path, error)) return error ? Holder::unknown : Holder::gone;
  const Owner owner = owner_of(path);
  const bool is_here = !owner.host.empty() && owner.host == host_name();
  // Without touching the lock where that is enough: a job that starts at this very moment wants it.
  if (is_here && is_ours(owner.process)) return Holder::at_work;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Holder::unknown;
  const bool is_free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  const int why = errno;
  ::close(file);
  if (!is_free && why == EWOULDBLOCK) return Holder::at_work;
  if (is_here) return is_free || !is_alive(owner.process) ? Holder::gone : Holder::unknown;
  return is_free && !has_written_lately(run) ? Holder::gone : Holder::unknown;
}

}  // namespace cohort::app
