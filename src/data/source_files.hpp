// What all readers of sources share: which files are images, what their ids are, how tables name things.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/data/csv.hpp"
#include "cohort/data/image_files.hpp"
#include "cohort/data/manifest.hpp"
#include "data/problems.hpp"

namespace cohort::data {

/// By extension, in any case: those of torchvision's ImageFolder.
bool is_image_file(const std::filesystem::path& path);

/// "a/b.JPG" becomes "a/b"; other text stays.
std::string strip_image_extension(std::string_view name);

/// Folders and files directly inside, bytewise by name, without those that start with a dot. Throws
/// DataError.
std::vector<std::filesystem::path> visible_entries(const std::filesystem::path& folder);

/// The path of `file` below `folder`, with forward slashes.
std::string path_below(const std::filesystem::path& folder, const std::filesystem::path& file);

/// The last name of a path, without the folders that lead there.
std::string short_name(const std::filesystem::path& path);

/// The column that holds image ids, by name.
std::optional<std::size_t> find_id_column(const CsvTable& table);

/// The names that find_id_column knows, for messages.
std::string known_id_columns();

/// Columns with a fixed meaning, by name in any case.
std::optional<std::size_t> find_lesion_column(const CsvTable& table);
std::optional<std::size_t> find_patient_column(const CsvTable& table);
std::optional<std::size_t> find_split_column(const CsvTable& table);

/// Adds a problem for an extra column that a packed file cannot have: under the name of a column of its own,
/// or under one that is not plain text.
void check_extra_column(const std::string& name, Problems& problems);

/// The value, or empty when it only says that nothing is known ("unknown", "NA", …).
std::string known_value(std::string_view value);

/// The split that a table gives, or nothing when it gives none; a name that is no split becomes a problem
/// `where`.
std::optional<Split> given_split(std::string_view value, const std::string& where, Problems& problems);

/// Sorts the samples, checks ids and names, and adds the warnings that hold for every kind of source.
void finish_manifest(Manifest& manifest, const std::string& doing);

}  // namespace cohort::data
