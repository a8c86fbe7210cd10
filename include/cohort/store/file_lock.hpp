// One writer at a time for a file that several commands may add to.
#pragma once

#include <filesystem>

namespace cohort::store {

/// Holds <folder>/.<name>.lock, which stays there, from construction to destruction; waits for whoever holds
/// it, up to a minute. A file system without locks leaves the file unguarded. Throws Error naming the file
/// when it stays held or its folder cannot be written to.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace cohort::store
