// The unfinished file beside a target, and what is left of those whose writer was killed.
#pragma once

#include <filesystem>

namespace cohort::store {

/// Whose temporary files count as abandoned.
enum class Hosts {
  mine,  ///< those of this host's processes that have ended
  all,   ///< those of other hosts too; only where nobody else can be writing
};

/// A name beside `path` that no other process uses: "<name>.tmp.<process>.<host>".
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Removes abandoned temporary files of the target `path`; as far as it can, for they only cost space.
void remove_abandoned_of(const std::filesystem::path& path);
/// Likewise of every target in `folder` and the folders inside it.
void remove_abandoned_in(const std::filesystem::path& folder, Hosts hosts);

/// Owns a file's name: removes the file unless it has been renamed away.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cohort::store
