// What is known of a folder of images before any is decoded: ids, files, labels, lesions, patients, extra
// columns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::data {

/// What a sample is for; the numbers are part of the file format.
enum class Split : std::uint8_t { train = 0, validation = 1, test = 2, hidden = 3 };
inline constexpr int kSplits = 4;
/// "train", "validation", "test" or "hidden".
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

/// All images of a source.
struct Manifest {
  std::string source;  ///< how it was read, for people: which table, which column, which folder
  std::vector<std::string>
      classes;  ///< in the source's order (folders and labels: bytewise; one-hot: column order)
  std::vector<std::string> class_words;  ///< what classes mean, where a word list says so; else empty
  std::vector<std::string> columns;      ///< names of the extra columns
  std::vector<Sample> samples;           ///< sorted by id
  std::vector<std::string> warnings;     ///< numeric class names, images without a row, …
};

/// torchvision's ImageFolder: one folder per class, images below it. Dot-folders are skipped, an empty class
/// is an error; a first level of train/val/test folders gives the splits. An image's id is its path below
/// `folder`. Where all classes are WordNet ids, words.txt or LOC_synset_mapping.txt gives their meaning.
///
/// Throws DataError with all problems at once.
Manifest read_image_folder(const std::filesystem::path& folder);

/// A CSV of labels beside a folder of images: HAM10000 (`image_id`, `dx`), ISIC one-hot or single label
/// column; the id column is found by name (image, image_id, image_name, isic_id, …), an image extension is
/// stripped; a `split` column gives the splits, lesion_id and patient_id the groups; other columns become
/// extra columns. `label_column` overrides detection. Images without a row are left out with a warning.
///
/// Throws DataError with file, line and column of each problem: rows without an image, ids that stand twice,
/// labels that are missing or contradict one another, classes without a sample, extra columns whose names a
/// data set cannot hold.
Manifest read_label_table(const std::filesystem::path& csv, const std::filesystem::path& image_folder,
                          const std::string& label_column = {});

/// Looks at `source` (folder or CSV) and reads it with whichever of the above fits; says in the error what it
/// looked for.
Manifest read_source(const std::filesystem::path& source, const std::string& label_column = {});

/// Adds the columns of a CSV, matched by image id (or file name, where only one sample has it); every sample
/// must be found. A joined `lesion_id` or `patient_id` fills the fields above, a joined `split` the given
/// split.
///
/// Throws DataError listing ids without a row, values that contradict what is known, and extra columns whose
/// names a data set cannot hold.
void join_columns(Manifest& manifest, const std::filesystem::path& csv);

}  // namespace cohort::data
