#include "data/import_outputs.hpp"

#include <array>
#include <fstream>
#include <string_view>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;

/// The main file, the hidden one and the list.
std::array<fs::path, 3> outputs_of(const ImportOptions& options) {
  return {options.output, hidden_file_of(options.output), quarantine_file_of(options.output)};
}

/// Whether both names lead to one file, through links or not; false where one of them leads to none.
bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

void refuse_input(const fs::path& output, const fs::path& input, std::string_view kind) {
  if (!is_same_file(output, input)) return;
  throw UsageError(concat("import: ", output.string(), " would be written, but it is the ", kind, " ",
                          input.string(), "; choose another --out"));
}

void check_name(const fs::path& output) {
  const std::string name = output.filename().string();
  if (output.extension() != ".h5")
    throw UsageError(concat("import: the output ", output.string(), " must end in .h5"));
  if (name.ends_with(".hidden.h5"))
    throw UsageError(concat("import: the output ", output.string(),
                            " must not end in .hidden.h5, the name of the hidden samples that an import sets "
                            "apart from its own main file; choose another --out"));
}

/// Any other table of that name may be somebody's labels.
void refuse_foreign_list(const fs::path& list) {
  std::ifstream file(list, std::ios::binary);
  std::string head(kQuarantineHeader.size(), '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  if (file && head == kQuarantineHeader) return;
  throw UsageError(concat("import: ", list.string(),
                          " exists already and is no list of files that an import set aside; choose another "
                          "--out or move it away"));
}

}  // namespace

void check_outputs(const ImportOptions& options) {
  check_name(options.output);
  const std::array<fs::path, 3> outputs = outputs_of(options);
  std::error_code ignored;
  for (const fs::path& path : outputs) {
    if (fs::is_directory(path, ignored))
      throw UsageError(concat("import: ", path.string(), " is a folder; choose another name or remove it"));
    refuse_input(path, options.source, "source table");
    for (const fs::path& join : options.joins) refuse_input(path, join, "joined table");
    refuse_input(path, options.like, "file to be like");
  }
  for (const fs::path& path : outputs) {
    if (!options.overwrite && fs::exists(path, ignored)) {
      throw UsageError(
          concat("import: ", path.string(), " exists already; choose another name or add --overwrite"));
    }
  }
  if (fs::exists(outputs.back(), ignored)) refuse_foreign_list(outputs.back());
}

void refuse_images_as_outputs(const ImportOptions& options, const Manifest& manifest) {
  std::error_code ignored;
  for (const fs::path& path : outputs_of(options)) {
    if (!fs::exists(path, ignored)) continue;
    for (const Sample& sample : manifest.samples) refuse_input(path, sample.file, "image");
  }
}

}  // namespace cohort::data
