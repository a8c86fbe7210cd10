#include "round/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

using namespace std::chrono_literals;

/// What is done under a lock takes milliseconds: who holds it longer hangs.
constexpr auto kLongestWait = 60s;

[[noreturn]] void fail(const std::filesystem::path& file, int error) {
  throw Error(concat("lock ", file.string(), ": ", std::generic_category().message(error)));
}

bool is_unsupported(int error) {
  return error == ENOSYS || error == ENOTSUP || error == ENOLCK;
}

/// Who may only read the file could hold it all the same, and so keep out those who write: only they may open
/// it. A file of another user, and one on a system without rights, stays as it is.
void leave_to_writers(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) return;
  const mode_t writers = status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH);
  [[maybe_unused]] const int ignored = ::fchmod(descriptor, writers | writers << 1);
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) {
  const std::filesystem::path path = file.parent_path() / concat(".", file.filename().string(), ".lock");
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(path, errno);
  leave_to_writers(descriptor_);
  const auto until = std::chrono::steady_clock::now() + kLongestWait;
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (is_unsupported(error)) return;
    const bool is_held = error == EWOULDBLOCK || error == EINTR;
    if (is_held && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(20ms);
      continue;
    }
    ::close(descriptor_);
    if (!is_held) fail(path, error);
    throw Error(concat("lock ", file.string(), ": another process has held it for a minute; is it stopped?"));
  }
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace cohort::round
