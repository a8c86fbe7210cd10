#include "data/source_files.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/packed_layout.hpp"
#include "data/plain_name.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 9> kImageExtensions{".jpg", ".jpeg", ".png",  ".ppm", ".bmp",
                                                           ".pgm", ".tif",  ".tiff", ".webp"};
constexpr std::array<std::string_view, 9> kIdColumns{
    "image", "image_id", "image_name", "isic_id", "filename", "file_name", "file", "path", "id"};

bool is_image_extension(std::string_view extension) {
  return std::ranges::find(kImageExtensions, to_lower_ascii(extension)) != kImageExtensions.end();
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// What ISIC's archives put beside an image of the same name.
bool is_companion(const fs::path& path) {
  const std::string name = to_lower_ascii(path.stem().string());
  return name.ends_with("_segmentation") || name.ends_with("_superpixels");
}

void collect_images(const fs::path& folder, std::set<fs::path>& entered, std::vector<fs::path>& files) {
  std::error_code error;
  if (!entered.insert(fs::canonical(folder, error)).second) return;  // a link back to where we were
  for (const fs::path& entry : visible_entries(folder)) {
    if (fs::is_directory(entry, error)) {
      if (to_lower_ascii(entry.filename().string()) != "masks") collect_images(entry, entered, files);
    } else if (is_image_file(entry) && !is_companion(entry)) {
      files.push_back(entry);
    }
  }
}

template <std::size_t N>
std::optional<std::size_t> find_column(const CsvTable& table, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      if (to_lower_ascii(trim(table.header[i])) == name) return i;
    }
  }
  return std::nullopt;
}

bool is_number(const std::string& name) {
  return parse_double(name).has_value();
}

void warn_of_class_names(Manifest& manifest) {
  const auto numeric = std::ranges::find_if(manifest.classes, is_number);
  if (numeric != manifest.classes.end()) {
    manifest.warnings.push_back(
        concat("class names are numbers, for example '", *numeric,
               "': they are ordered as text (1, 10, 2), so that a class's index may differ"
               " from its name"));
  }
  std::map<std::string, std::string> by_lower;
  for (const std::string& name : manifest.classes) {
    const auto [entry, is_new] = by_lower.emplace(to_lower_ascii(trim(name)), name);
    if (!is_new) {
      manifest.warnings.push_back(concat("classes '", entry->second, "' and '", name,
                                         "' differ in case or blanks only; is one of them a slip?"));
    }
  }
}

void warn_of_lesions_with_two_patients(Manifest& manifest) {
  std::map<std::string, std::set<std::string>> patients;
  for (const Sample& sample : manifest.samples) {
    if (!sample.lesion.empty() && !sample.patient.empty()) patients[sample.lesion].insert(sample.patient);
  }
  std::vector<std::string> names;
  for (const auto& [lesion, owners] : patients) {
    if (owners.size() > 1) names.push_back(lesion);
  }
  if (names.empty()) return;
  manifest.warnings.push_back(concat("a lesion should belong to one patient, but ", names.size(),
                                     " belong to several (", first_of(names),
                                     "); such patients are kept in one split"));
}

}  // namespace

bool is_image_file(const fs::path& path) {
  return is_image_extension(path.extension().string());
}

std::string strip_image_extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0 && is_image_extension(name.substr(dot));
  return std::string(has_extension ? name.substr(0, dot) : name);
}

std::vector<fs::path> visible_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  fs::directory_iterator iterator(folder, error);
  for (; !error && iterator != fs::directory_iterator(); iterator.increment(error)) {
    if (!is_hidden(iterator->path())) entries.push_back(iterator->path());
  }
  if (error) throw DataError(concat("read folder ", folder.string(), ": ", error.message()));
  std::ranges::sort(entries, {}, [](const fs::path& path) { return path.filename().string(); });
  return entries;
}

std::vector<fs::path> image_files_below(const fs::path& folder) {
  std::set<fs::path> entered;
  std::vector<fs::path> files;
  collect_images(folder, entered, files);
  return files;
}

std::string path_below(const fs::path& folder, const fs::path& file) {
  return file.lexically_relative(folder).generic_string();
}

std::string short_name(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(path, error);
  return (error ? path : whole).filename().string();
}

std::optional<std::size_t> find_id_column(const CsvTable& table) {
  return find_column(table, kIdColumns);
}

std::string known_id_columns() {
  std::string text;
  for (const std::string_view name : kIdColumns) text += concat(text.empty() ? "" : ", ", name);
  return text;
}

std::optional<std::size_t> find_lesion_column(const CsvTable& table) {
  return find_column(table, std::array<std::string_view, 2>{"lesion_id", "lesion"});
}
std::optional<std::size_t> find_patient_column(const CsvTable& table) {
  return find_column(table, std::array<std::string_view, 2>{"patient_id", "patient"});
}
std::optional<std::size_t> find_split_column(const CsvTable& table) {
  return find_column(table, std::array<std::string_view, 1>{"split"});
}

void check_extra_column(const std::string& name, Problems& problems) {
  if (std::ranges::find(layout::kOwnColumns, name) != layout::kOwnColumns.end()) {
    problems.add(concat("column '", name, "': every data set has one of this name, which another column (",
                        name, "_id) fills here; rename or remove one of the two"));
  }
  if (!is_plain_name(name)) {
    problems.add(concat("column '", name, "': the name is not plain UTF-8 text; rename it in the header"));
  }
}

std::string known_value(std::string_view value) {
  constexpr std::array<std::string_view, 7> nothing{"", "unknown", "na", "n/a", "nan", "none", "null"};
  std::string trimmed = trim(value);
  if (std::ranges::find(nothing, to_lower_ascii(trimmed)) != nothing.end()) trimmed.clear();
  return trimmed;
}

std::optional<Split> given_split(std::string_view value, const std::string& where, Problems& problems) {
  const std::string name = known_value(value);
  if (name.empty()) return std::nullopt;
  try {
    return split_from_name(name);
  } catch (const UsageError& error) {
    problems.add(where + error.what());
    return std::nullopt;
  }
}

void finish_manifest(Manifest& manifest, const std::string& doing) {
  std::ranges::sort(manifest.samples, {}, &Sample::id);
  Problems problems(doing);
  if (manifest.classes.size() == 1) {
    problems.add(concat("only one class ('", manifest.classes[0], "'); a classifier needs two or more"));
  }
  for (const std::string& name : manifest.classes) {
    if (!is_plain_name(name))
      problems.add(concat("class name '", name, "' is empty or not plain UTF-8 text"));
  }
  for (std::size_t i = 0; i < manifest.samples.size(); ++i) {
    const Sample& sample = manifest.samples[i];
    if (!is_plain_name(sample.id))
      problems.add(concat("id '", sample.id, "' is empty or not plain UTF-8 text"));
    if (i > 0 && manifest.samples[i - 1].id == sample.id)
      problems.add(concat("id ", sample.id, " stands twice"));
  }
  problems.throw_if_any("");
  warn_of_class_names(manifest);
  warn_of_lesions_with_two_patients(manifest);
}

}  // namespace cohort::data
