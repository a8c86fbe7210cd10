// A file that nobody else can open for the moment, as when a disk or a server fails: root cannot be refused
// rights.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace cohort::tests {

/// Holds a write lease, so that another process which does not wait is told to try again. Gives it back at
/// the end.
class LeasedFile {
 public:
  explicit LeasedFile(const std::filesystem::path& path)
      : old_handler_(std::signal(SIGIO, SIG_IGN)),  // somebody asks for the file
        descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC)),
        is_held_(descriptor_ >= 0 && ::fcntl(descriptor_, F_SETLEASE, F_WRLCK) == 0) {}
  ~LeasedFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    std::signal(SIGIO, old_handler_);
  }
  LeasedFile(const LeasedFile&) = delete;
  LeasedFile& operator=(const LeasedFile&) = delete;

  /// False where the file system has no leases.
  [[nodiscard]] bool is_held() const { return is_held_; }

 private:
  void (*old_handler_)(int);
  int descriptor_;
  bool is_held_;
};

}  // namespace cohort::tests
