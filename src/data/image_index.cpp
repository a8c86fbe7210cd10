#include "data/image_index.hpp"

#include "data/source_files.hpp"

namespace cohort::data {

ImageIndex::ImageIndex(std::filesystem::path folder)
    : folder_(std::move(folder)), files_(image_files_below(folder_)) {
  for (const std::filesystem::path& file : files_) {
    const auto add = [&](auto& entries, const std::string& name) {
      const auto [entry, is_new] = entries.emplace(strip_image_extension(name), Entry{file, std::nullopt});
      if (!is_new && !entry->second.other) entry->second.other = file;
    };
    add(by_path_, path_below(folder_, file));
    add(by_name_, file.filename().string());
  }
}

const ImageIndex::Entry* ImageIndex::find(const std::string& name) const {
  // A table may write its paths from a folder further up: leading folders are taken off until one fits.
  for (std::string_view rest = name; !rest.empty();) {
    const auto found = by_path_.find(rest);
    if (found != by_path_.end()) return &found->second;
    const std::size_t slash = rest.find('/');
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

}  // namespace cohort::data
