// Finds image files by the names that tables use for them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::data {

/// All image files below a folder, by path below it and by bare name, both without extension.
class ImageIndex {
 public:
  struct Entry {
    std::filesystem::path file;
    std::optional<std::filesystem::path> other;  ///< a second file of the same name
  };

  explicit ImageIndex(std::filesystem::path folder);

  /// Null when there is none. A path goes before a bare name.
  [[nodiscard]] const Entry* find(const std::string& name) const;
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::vector<std::filesystem::path> files_;
  std::map<std::string, Entry, std::less<>> by_path_, by_name_;
};

}  // namespace cohort::data
