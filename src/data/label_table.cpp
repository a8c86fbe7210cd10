// Labels from a CSV beside the images.
#include <algorithm>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "data/image_index.hpp"
#include "data/label_columns.hpp"
#include "data/source_files.hpp"

namespace cohort::data {
namespace {

namespace fs = std::filesystem;

/// ISIC 2016 has no header: two columns, and what should be names is an image and its label.
void supply_missing_header(CsvTable& table, const ImageIndex& images) {
  if (find_id_column(table) || table.header.size() != 2 ||
      !images.find(strip_image_extension(table.header[0]))) {
    return;
  }
  table.rows.insert(table.rows.begin(), table.header);
  table.lines.insert(table.lines.begin(), 1);
  table.header = {"image", "label"};
}

/// Which columns are what; the rest are extra.
struct Layout {
  std::size_t id = 0;
  LabelColumns label;
  std::optional<std::size_t> lesion, patient, split;
  std::vector<std::size_t> extra;
};

Layout find_layout(const CsvTable& table, const std::string& doing, const std::string& label_column) {
  Layout layout;
  const auto id = find_id_column(table);
  if (!id) throw DataError(concat(doing, ": no id column; looked for ", known_id_columns()));
  const auto label = find_label_columns(table, *id, label_column);
  if (!label) {
    throw DataError(
        concat(doing,
               ": no label column; looked for one-hot columns (MEL, NV, ...), melanoma with "
               "seborrheic_keratosis, dx, benign_malignant, target, diagnosis_1, diagnosis, label, class, "
               "category; name the column with --label-column"));
  }
  layout.id = *id;
  layout.label = *label;
  layout.lesion = find_lesion_column(table);
  layout.patient = find_patient_column(table);
  layout.split = find_split_column(table);
  std::set<std::size_t> used(label->columns.begin(), label->columns.end());
  used.insert(*id);
  for (const auto& column : {layout.lesion, layout.patient, layout.split}) {
    if (column) used.insert(*column);
  }
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (!used.contains(i) && !table.header[i].empty()) layout.extra.push_back(i);
  }
  return layout;
}

/// The row's image, or nothing after adding a problem.
const fs::path* find_image(const ImageIndex& images, const std::string& id, const std::string& line,
                           Problems& problems) {
  const ImageIndex::Entry* entry = images.find(id);
  if (!entry) {
    problems.add(concat(line, "no image file for ", id));
    return nullptr;
  }
  if (entry->other) {
    problems.add(concat(line, "two image files for ", id, ": ", path_below(images.folder(), entry->file),
                        " and ", path_below(images.folder(), *entry->other)));
    return nullptr;
  }
  return &entry->file;
}

void read_rows(const CsvTable& table, const Layout& layout, const Labels& labels, const ImageIndex& images,
               Manifest& manifest, Problems& problems) {
  std::map<std::string, std::int64_t> line_of_id;
  std::set<fs::path> used;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const std::string line = concat("line ", table.lines[i], ": ");
    Sample sample;
    sample.id = strip_image_extension(trim(row[layout.id]));
    sample.label = labels.of_row[i];
    const auto [known, is_new] = line_of_id.emplace(sample.id, table.lines[i]);
    if (!is_new) {
      problems.add(concat(line, "id ", sample.id, " stands already in line ", known->second));
      continue;
    }
    if (const fs::path* file = find_image(images, sample.id, line, problems)) sample.file = *file;
    used.insert(sample.file);
    if (layout.lesion) sample.lesion = known_value(row[*layout.lesion]);
    if (layout.patient) sample.patient = known_value(row[*layout.patient]);
    if (layout.split) sample.split = given_split(row[*layout.split], line, problems);
    for (const std::size_t column : layout.extra) sample.extra.push_back(row[column]);
    manifest.samples.push_back(std::move(sample));
  }
  std::vector<std::string> unused;
  for (const fs::path& file : images.files()) {
    if (!used.contains(file)) unused.push_back(path_below(images.folder(), file));
  }
  if (!unused.empty()) {
    manifest.warnings.push_back(concat(
        unused.size() == 1 ? std::string("1 image has no row in the table and is left out: ")
                           : concat(unused.size(), " images have no row in the table and are left out: "),
        first_of(unused)));
  }
}

}  // namespace

Manifest read_label_table(const fs::path& csv, const fs::path& image_folder,
                          const std::string& label_column) {
  const std::string doing = concat("read label table ", csv.string());
  std::error_code ignored;
  if (!fs::is_directory(image_folder, ignored)) {
    throw DataError(concat(doing, ": there is no image folder ", image_folder.string()));
  }
  CsvTable table = read_csv(csv);
  const ImageIndex images(image_folder);
  supply_missing_header(table, images);
  const Layout layout = find_layout(table, doing, label_column);
  Problems problems(doing);
  if (table.rows.empty()) problems.add("the table has no rows");

  Manifest manifest;
  Labels labels = read_labels(table, layout.label, problems);
  manifest.warnings = std::move(labels.warnings);
  for (const std::size_t column : layout.extra) {
    check_extra_column(table.header[column], problems);
    manifest.columns.push_back(table.header[column]);
  }
  read_rows(table, layout, labels, images, manifest, problems);
  problems.throw_if_any(concat("images are looked for in ", image_folder.string(), " by the id's name"));
  manifest.classes = std::move(labels.classes);
  manifest.source = concat("table ", short_name(csv), ", labels from ", describe(table, layout.label),
                           ", images in ", short_name(image_folder));
  finish_manifest(manifest, doing);
  return manifest;
}

}  // namespace cohort::data
