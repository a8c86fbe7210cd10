#include "image_files.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/image_files.hpp"
#include "option_values.hpp"

namespace cohort::app {
namespace fs = std::filesystem;
std::vector<fs::path> list_images(std::span<const fs::path> sources) {
  std::vector<fs::path> files;
  std::vector<std::string> problems;
  for (const fs::path& source : sources) {
    if (fs::is_directory(source)) {
      const std::vector<fs::path> found = data::image_files_below(source);
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
