#include "image_files.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "option_values.hpp"

namespace cohort::app {
namespace fs = std::filesystem;
namespace {
bool is_image(const fs::path& file) {
  constexpr std::array<std::string_view, 10> kEndings{".jpg",  ".jpeg", ".png", ".bmp",  ".tif",
                                                      ".tiff", ".ppm",  ".pgm", ".webp", ".pnm"};
  const std::string ending = to_lower_ascii(file.extension().string());
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

std::vector<fs::path> images_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    const bool is_hidden = entry->path().filename().string().starts_with(".");
    if (is_hidden && entry->is_directory()) entry.disable_recursion_pending();
    if (!is_hidden && entry->is_regular_file() && is_image(entry->path())) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return files;
}
}  // namespace

std::vector<fs::path> list_images(std::span<const fs::path> sources) {
  std::vector<fs::path> files;
  std::vector<std::string> problems;
  for (const fs::path& source : sources) {
    if (fs::is_directory(source)) {
      const std::vector<fs::path> found = images_below(source);
      if (found.empty()) problems.push_back(concat(source.string(), ": the folder holds no images"));
      files.insert(files.end(), found.begin(), found.end());
    } else if (fs::exists(source)) {
      files.push_back(source);
    } else {
      problems.push_back(concat(source.string(), ": no such file or folder"));
    }
  }
  if (!problems.empty()) throw DataError(joined(problems, "\n  "));
  return files;
}

}  // namespace cohort::app
