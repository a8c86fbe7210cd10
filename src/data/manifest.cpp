#include "cohort/data/manifest.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/label_columns.hpp"
#include "data/source_files.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, kSplits> kSplitNames{"train", "validation", "test", "hidden"};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

/// The folder that holds a table's images: images/ beside it, else wherever below its own folder.
fs::path image_folder_of(const fs::path& csv) {
  const fs::path parent = csv.has_parent_path() ? csv.parent_path() : fs::path(".");
  return is_folder(parent / "images") ? parent / "images" : parent;
}

std::vector<fs::path> tables_in(const fs::path& folder) {
  std::vector<fs::path> tables = visible_entries(folder);
  std::erase_if(tables, [](const fs::path& path) {
    return is_folder(path) || to_lower_ascii(path.extension().string()) != ".csv";
  });
  return tables;
}

/// Tables of a source: those in the folder itself; if there are none, those in its folders that hold no
/// images (as the archives of the ISIC challenges unpack, images in one folder, the table in another).
std::vector<fs::path> tables_of(const fs::path& source) {
  std::vector<fs::path> tables = tables_in(source);
  if (!tables.empty()) return tables;
  for (const fs::path& folder : visible_entries(source)) {
    if (!is_folder(folder)) continue;
    const std::vector<fs::path> inside = tables_in(folder);
    if (inside.empty() || !image_files_below(folder).empty()) continue;
    tables.insert(tables.end(), inside.begin(), inside.end());
  }
  return tables;
}

/// Why a table cannot give labels, or nothing when it can.
std::optional<std::string> objection(const fs::path& csv, const std::string& label_column) {
  try {
    const CsvTable table = read_csv(csv);
    const auto id = find_id_column(table);
    // A table of two columns may lack a header (ISIC 2016); it is looked at again with the images at hand.
    if (!id && table.header.size() == 2 && table.header[0].starts_with("ISIC_")) return std::nullopt;
    if (!id) return "no id column";
    if (!find_label_columns(table, *id, label_column)) return "no label column";
    return std::nullopt;
  } catch (const DataError& error) {
    return error.what();
  }
}

/// Tables beside the labels that know lesions or patients: worth a hint when the labels do not.
void hint_at_groups(Manifest& manifest, const std::vector<fs::path>& others) {
  const auto is_grouped = [](const Sample& sample) {
    return !sample.lesion.empty() || !sample.patient.empty();
  };
  if (std::ranges::any_of(manifest.samples, is_grouped)) return;
  for (const fs::path& path : others) {
    try {
      const CsvTable table = read_csv(path);
      if (find_id_column(table) && (find_lesion_column(table) || find_patient_column(table))) {
        manifest.warnings.push_back(
            concat(short_name(path), " knows lesions or patients: add --join ", path.string()));
      }
    } catch (const DataError&) {  // not a table for us; nobody asked for it
    }
  }
}

Manifest read_folder_with_tables(const fs::path& folder, const std::vector<fs::path>& tables,
                                 const std::string& label_column) {
  std::vector<fs::path> usable, others;
  std::string objections;
  for (const fs::path& table : tables) {
    const auto problem = objection(table, label_column);
    (problem ? others : usable).push_back(table);
    if (problem) objections += concat("\n  ", short_name(table), ": ", *problem);
  }
  if (usable.size() > 1) {
    std::vector<std::string> names;
    for (const fs::path& table : usable) names.push_back(short_name(table));
    throw DataError(concat("read source ", folder.string(), ": several tables could give the labels (",
                           first_of(names), "); name one of them as the source"));
  }
  if (usable.size() == 1) {
    const bool is_direct = fs::equivalent(usable[0].parent_path(), folder);
    Manifest manifest =
        read_label_table(usable[0], is_direct ? image_folder_of(usable[0]) : folder, label_column);
    hint_at_groups(manifest, others);
    return manifest;
  }
  if (!label_column.empty()) {
    throw DataError(concat("read source ", folder.string(), ": no table with the label column '",
                           label_column, "'", objections));
  }
  try {
    return read_image_folder(folder);
  } catch (const DataError& error) {
    if (objections.empty()) throw;
    throw DataError(concat(error.what(), "\ntables beside them that could not give the labels:", objections));
  }
}

}  // namespace

std::string_view name_of(Split split) {
  return kSplitNames.at(static_cast<std::size_t>(split));
}

Split split_from_name(std::string_view name) {
  const std::string lower = to_lower_ascii(trim(name));
  const auto found = std::ranges::find(kSplitNames, lower);
  if (found != kSplitNames.end()) return static_cast<Split>(found - kSplitNames.begin());
  if (lower == "val" || lower == "valid") return Split::validation;
  throw UsageError(concat("split '", name, "' is not known; use train, validation (val), test or hidden"));
}

Manifest read_source(const fs::path& source, const std::string& label_column) {
  std::error_code ignored;
  if (is_folder(source)) return read_folder_with_tables(source, tables_of(source), label_column);
  if (!fs::exists(source, ignored)) {
    throw DataError(concat("read source ", source.string(), ": there is no such file or folder"));
  }
  if (to_lower_ascii(source.extension().string()) != ".csv") {
    throw DataError(
        concat("read source ", source.string(),
               ": neither a folder nor a .csv file; give a folder with one folder for each class, a"
               " table of labels, or a folder that holds such a table and images"));
  }
  return read_label_table(source, image_folder_of(source), label_column);
}

}  // namespace cohort::data
