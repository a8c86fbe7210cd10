// Labels from folder names.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/data/manifest.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/problems.hpp"
#include "data/source_files.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;

struct ClassFolder {
  std::string name;
  fs::path path;
  std::optional<Split> split;
};

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders = visible_entries(folder);
  std::erase_if(folders, [](const fs::path& path) {
    std::error_code ignored;
    return !fs::is_directory(path, ignored);
  });
  return folders;
}

std::optional<Split> split_folder(const fs::path& path) {
  const std::string name = to_lower_ascii(path.filename().string());
  if (name == "train" || name == "training") return Split::train;
  if (name == "val" || name == "valid" || name == "validation") return Split::validation;
  if (name == "test") return Split::test;
  if (name == "hidden") return Split::hidden;
  return std::nullopt;
}

/// train/ and friends hold the classes only when nothing else stands beside them and they hold folders
/// themselves.
bool is_split_layout(const std::vector<fs::path>& folders) {
  const auto is_train = [](const fs::path& path) { return split_folder(path) == Split::train; };
  return std::ranges::all_of(folders, [](const fs::path& path) { return split_folder(path).has_value(); }) &&
         std::ranges::any_of(folders, is_train) &&
         std::ranges::all_of(folders, [](const fs::path& path) { return !folders_in(path).empty(); });
}

std::vector<ClassFolder> find_class_folders(const fs::path& folder) {
  const std::vector<fs::path> folders = folders_in(folder);
  std::vector<ClassFolder> found;
  if (is_split_layout(folders)) {
    for (const fs::path& split : folders) {
      for (const fs::path& path : folders_in(split)) {
        found.push_back({path.filename().string(), path, split_folder(split)});
      }
    }
  } else {
    for (const fs::path& path : folders) found.push_back({path.filename().string(), path, std::nullopt});
  }
  return found;
}

/// A class that only a later split knows was never learned; one that a later split lacks would get other
/// indices there from readers that number each split by itself.
void compare_splits(const std::vector<ClassFolder>& folders, Manifest& manifest, Problems& problems) {
  std::map<std::optional<Split>, std::set<std::string>> by_split;
  for (const ClassFolder& folder : folders) by_split[folder.split].insert(folder.name);
  const auto train = by_split.find(Split::train);
  if (train == by_split.end()) return;
  for (const auto& [split, names] : by_split) {
    for (const std::string& name : names) {
      if (!train->second.contains(name)) {
        problems.add(concat("class '", name, "' stands in ", name_of(*split), " but not in train"));
      }
    }
    for (const std::string& name : train->second) {
      if (!names.contains(name)) {
        manifest.warnings.push_back(concat("class '", name, "' has no folder in ", name_of(*split),
                                           "; class indices follow the train folders"));
      }
    }
  }
}

/// "n01443537<tab or blank>goldfish, Carassius auratus" lines, where all classes are WordNet ids.
std::vector<std::string> find_class_words(const fs::path& folder, const std::vector<std::string>& classes) {
  const auto is_wordnet_id = [](const std::string& name) {
    return name.size() == 9 && name[0] == 'n' && name.find_first_not_of("0123456789", 1) == std::string::npos;
  };
  if (!std::ranges::all_of(classes, is_wordnet_id)) return {};
  std::map<std::string, std::string> words;
  for (const char* name : {"words.txt", "LOC_synset_mapping.txt"}) {
    std::error_code ignored;
    if (!fs::is_regular_file(folder / name, ignored)) continue;
    std::istringstream lines(store::read_text(folder / name));
    for (std::string line; std::getline(lines, line);) {
      if (line.size() > 10) words.emplace(line.substr(0, 9), trim(std::string_view(line).substr(10)));
    }
  }
  std::vector<std::string> meanings;
  for (const std::string& id : classes) meanings.push_back(words[id]);
  const bool has_any = std::ranges::any_of(meanings, [](const std::string& word) { return !word.empty(); });
  return has_any ? meanings : std::vector<std::string>{};
}

}  // namespace

Manifest read_image_folder(const fs::path& folder) {
  const std::string doing = concat("read image folder ", folder.string());
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) throw DataError(concat(doing, ": there is no such folder"));
  const std::vector<ClassFolder> folders = find_class_folders(folder);
  if (folders.empty()) {
    throw DataError(
        concat(doing, ": it holds no folders; each class needs a folder of its own with its images"));
  }

  Manifest manifest;
  Problems problems(doing);
  compare_splits(folders, manifest, problems);
  std::set<std::string> names;
  for (const ClassFolder& each : folders) names.insert(each.name);
  if (names == std::set<std::string>{"images", "masks"})
    throw DataError(concat(doing,
                           ": 'images' and 'masks' are no classes; the table with the labels is missing. "
                           "A sample that cohort synth did not finish is drawn again with --overwrite"));
  manifest.classes.assign(names.begin(), names.end());
  for (const ClassFolder& each : folders) {
    const auto label = static_cast<int>(std::distance(names.begin(), names.find(each.name)));
    const std::vector<fs::path> files = image_files_below(each.path);
    if (files.empty())
      problems.add(concat("class folder '", path_below(folder, each.path), "' holds no image"));
    for (const fs::path& file : files) {
      manifest.samples.push_back({path_below(folder, file), file, label, {}, {}, {}, each.split});
    }
  }
  problems.throw_if_any("an image file ends in .jpg, .jpeg, .png, .bmp, .ppm, .pgm, .tif, .tiff or .webp");
  manifest.class_words = find_class_words(folder, manifest.classes);
  manifest.source = concat("folder ", short_name(folder), ", one folder for each of ",
                           counted(static_cast<std::int64_t>(manifest.classes.size()), "class", "classes"),
                           folders[0].split ? ", split by folders" : "");
  finish_manifest(manifest, doing);
  return manifest;
}

}  // namespace cohort::data
