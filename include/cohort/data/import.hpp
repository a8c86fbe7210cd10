// From a source of image files to one packed file: decode, crop, resize, check, split, write.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/manifest.hpp"
#include "cohort/data/split.hpp"

namespace cohort::data {

/// What becomes of images that cannot be read: refuse them all together, or leave them out and list them.
enum class BrokenFiles { refuse, quarantine };

/// The sizes that images can be packed in, in pixels.
inline constexpr int kMinPackedSize = 1, kMaxPackedSize = 4096;

/// Which samples of a source to take.
struct Selection {
  std::vector<std::string> classes;  ///< empty: all
  std::int64_t most_per_class = 0;   ///< whole lesions, drawn with the split's seed; 0: all
};

/// What to import, into which file, and how.
struct ImportOptions {
  std::filesystem::path source;              ///< folder or CSV
  std::filesystem::path output;              ///< packed file; hidden samples go to <stem>.hidden.h5 beside it
  std::vector<std::filesystem::path> joins;  ///< extra CSVs
  std::string label_column;                  ///< empty: detect
  std::filesystem::path like;                ///< packed file whose size, classes and normalisation are taken
                                             ///< over; empty: all of these follow from the source
  int size = 64;                             ///< height and width: centre square, area resampling
  BrokenFiles broken = BrokenFiles::refuse;
  Selection selection;
  SplitOptions split;
  int threads = 1;
  bool overwrite = false;  ///< former files of these names, the list of quarantined files too
};

/// An image that was left out, and why.
struct QuarantinedFile {
  std::filesystem::path file;
  std::string reason;
};

/// What an import found and wrote.
struct ImportReport {
  std::int64_t samples = 0;  ///< in both files together
  int size = 0;              ///< height and width of the packed images
  std::vector<std::string> classes;
  LeakReport leaks;
  std::vector<Split> given_splits;                             ///< whose fractions were without effect
  std::vector<QuarantinedFile> quarantined;                    ///< also written to <stem>.quarantine.csv
  std::vector<std::pair<std::string, std::string>> identical;  ///< ids of images with equal pixels
  std::vector<std::string> warnings;
  Digest digest{};
  bool has_hidden_file = false;
  Digest hidden_digest{};  ///< of the hidden file, if there is one
};

/// Imports on all `threads`; the packed file's bytes do not depend on the thread count. With
/// BrokenFiles::refuse all unreadable files are listed in one DataError and nothing is written. Images that
/// are equal after resampling stay in one split when their labels agree; all of them are quarantined when
/// not. Warns when no lesion or patient id is known. Logs progress, the class table, leaks and warnings.
/// A former main file is replaced when all new files are whole; whenever that is interrupted, a main file
/// stands, alone or with its own hidden file.
///
/// Throws UsageError for options, also where a file to be written is the source table, a joined table or an
/// image of the source, or exists and may not be replaced; DataError for the source, Error for the disk.
ImportReport import_images(const ImportOptions& options, Log& log);

/// The names of the files beside `output`.
std::filesystem::path hidden_file_of(const std::filesystem::path& output);
std::filesystem::path quarantine_file_of(const std::filesystem::path& output);

}  // namespace cohort::data
