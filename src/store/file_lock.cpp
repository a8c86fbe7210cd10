#include "cohort/store/file_lock.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "store/descriptor.hpp"

namespace cohort::store {
namespace {

using namespace std::chrono_literals;

/// What is done under a lock takes milliseconds: who holds it longer hangs.
constexpr auto kLongestWait = 60s;

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
  Descriptor held(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666));
  if (!held.is_open()) throw_errno("lock", path, errno);
  leave_to_writers(held.get());
  const auto until = std::chrono::steady_clock::now() + kLongestWait;
  while (::flock(held.get(), LOCK_EX | LOCK_NB) != 0 && !locks_are_unsupported(errno)) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw_errno("lock", path, errno);
    if (std::chrono::steady_clock::now() >= until)
      throw Error(
          concat("lock ", file.native(), ": another process has held it for a minute; is it stopped?"));
    std::this_thread::sleep_for(20ms);
  }
  descriptor_ = held.release();
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace cohort::store
