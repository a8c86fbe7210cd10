// Files that matter: written beside their place, flushed, renamed. What exists is whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cohort::store {

/// Lets `write` fill a temporary file beside `path`, flushes it to disk, lets `verify` (if any) look at it,
/// and renames it into place; the temporary file is removed on failure, and what killed writers of the same
/// target left on this host before. `write` finds the temporary file there and empty: made anew, so that
/// nothing is written through a link that waits under its name. Throws Error naming path and cause.
void write_atomically(const std::filesystem::path& path,
                      const std::function<void(const std::filesystem::path& temporary)>& write,
                      const std::function<void(const std::filesystem::path& temporary)>& verify = {});

void write_text_atomically(const std::filesystem::path& path, std::string_view text);

/// What is read as one text unless a caller knows better: far above all that this program writes.
inline constexpr std::size_t kMostTextBytes = std::size_t{256} << 20;

/// The whole of a regular file. Throws Error naming the path when it cannot be read or is something else (a
/// pipe is not waited for), DataError naming path and limit when it is longer than `most_bytes`.
std::string read_text(const std::filesystem::path& path, std::size_t most_bytes = kMostTextBytes);
/// All of standard input, of any kind. Throws as read_text.
std::string read_standard_input(std::size_t most_bytes = kMostTextBytes);
/// Appends one whole line (or nothing, when the disk is full); it survives the end of the process.
void append_line(const std::filesystem::path& path, std::string_view line);

/// Bytes free for an ordinary user on the file system of `path`.
std::uintmax_t free_bytes(const std::filesystem::path& path);

/// An exclusive lock on a folder (flock on <folder>/.lock), held until destruction. Throws Error when another
/// process holds it, saying which one. A file system without locks leaves the folder unguarded.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  /// Removes the temporary files that killed writers left in the folder and those inside it: those of other
  /// hosts too, for who holds the lock is the only writer; where there are no locks, those of this host
  /// alone.
  void remove_abandoned() const;

 private:
  std::filesystem::path folder_;
  int descriptor_ = -1;
};

}  // namespace cohort::store
