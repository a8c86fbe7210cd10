// What is known of a folder of images before any is decoded: ids, files, labels, lesions, patients, extra columns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cohort::data {

enum class Split : std::uint8_t { train = 0, validation = 1, test = 2, hidden = 3 };
inline constexpr int kSplits = 4;
std::string_view name_of(Split split);
/// "train", "validation" (or "val"), "test", "hidden"; throws UsageError otherwise.
Split split_from_name(std::string_view name);

/// One image of the source. Empty lesion or patient means unknown.
struct Sample {
  std::string id;
  std::filesystem::path file;
  int label = 0;
  std::string lesion;
  std::string patient;
  std::vector<std::string> extra;  ///< one value per Manifest::columns
  std::optional<Split> split;      ///< where the source itself says so
};

struct Manifest {
  std::vector<std::string> classes;  ///< in the source's order (folders: bytewise; one-hot: column order; labels: bytewise)
  std::vector<std::string> columns;  ///< names of the extra columns
  std::vector<Sample> samples;       ///< sorted by id
  std::vector<std::string> warnings; ///< numeric class names, missing lesion ids, …
};

/// torchvision's ImageFolder: one folder per class, images below it. Dot-folders are skipped, an empty class is an
/// error; a first level of train/val/test folders gives the splits. Throws DataError with all problems at once.
Manifest read_image_folder(const std::filesystem::path& folder);

/// A CSV of labels beside a folder of images: HAM10000 (`image_id`, `dx`), ISIC one-hot or single label column; the
/// id column is found by name (image, image_id, image_name, isic_id), a trailing .jpg is stripped; a `split` column
/// gives the splits. `label_column` overrides detection. Throws DataError with file, row and column of each problem.
Manifest read_label_table(const std::filesystem::path& csv, const std::filesystem::path& image_folder,
                          const std::string& label_column = {});

/// Looks at `source` (folder or CSV) and reads it with whichever of the above fits; says in the error what it looked for.
Manifest read_source(const std::filesystem::path& source, const std::string& label_column = {});

/// Adds the columns of a CSV, matched by image id; every sample must be found. A joined `lesion_id` or `patient_id`
/// fills the fields above. Throws DataError listing ids without a row.
void join_columns(Manifest& manifest, const std::filesystem::path& csv);

}  // namespace cohort::data
