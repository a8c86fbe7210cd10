// File descriptors that close themselves, and the words for a failed system call.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::store {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return value_; }
  [[nodiscard]] bool is_open() const { return value_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

/// The system's words for an error number; for a full disk also what to try.
inline std::string describe_errno(int error) {
  const std::string words = std::strerror(error);
  switch (error) {
    case ENOSPC:
      return concat("disk full (", words, "); free some space and start again");
    case EDQUOT:
      return concat("quota used up (", words, "); free some space and start again");
    case EFBIG:
      return concat("file size limit reached (", words, "); raise it with 'ulimit -f' and start again");
    default:
      return words;
  }
}

/// Throws Error "<doing> <path>: <the system's words for error>".
[[noreturn]] inline void throw_errno(std::string_view doing, const std::filesystem::path& path, int error) {
  throw Error(concat(doing, " ", path.native(), ": ", describe_errno(error)));
}

/// True for the errors of a file system that knows no locks.
inline bool locks_are_unsupported(int error) {
  return error == ENOSYS || error == ENOTSUP || error == ENOLCK;
}

}  // namespace cohort::store
