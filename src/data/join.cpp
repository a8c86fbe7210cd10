// Columns of a second table, matched by image.
#include <algorithm>
#include <map>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/manifest.hpp"
#include "data/problems.hpp"
#include "data/source_files.hpp"

namespace cohort::data {
namespace {

constexpr int kAmbiguous = -2;

/// Samples by every name that a table may use: the id, the id without extension, the bare file name.
class SampleIndex {
 public:
  explicit SampleIndex(const std::vector<Sample>& samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) ids_.emplace(samples[i].id, static_cast<int>(i));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      add(strip_image_extension(samples[i].id), static_cast<int>(i));
      add(strip_image_extension(samples[i].file.filename().string()), static_cast<int>(i));
    }
  }

  /// -1 when no sample has the name, kAmbiguous when several have.
  [[nodiscard]] int find(const std::string& name) const {
    const auto exact = ids_.find(name);
    if (exact != ids_.end()) return exact->second;
    const auto found = names_.find(strip_image_extension(name));
    return found == names_.end() ? -1 : found->second;
  }

 private:
  void add(const std::string& name, int sample) {
    const auto [entry, is_new] = names_.emplace(name, sample);
    if (!is_new && entry->second != sample) entry->second = kAmbiguous;
  }
  std::map<std::string, int> ids_, names_;
};

/// The row of each sample, -1 where there is none.
std::vector<int> match_rows(const Manifest& manifest, const CsvTable& table, std::size_t id_column,
                            Problems& problems) {
  const SampleIndex index(manifest.samples);
  std::vector<int> row_of_sample(manifest.samples.size(), -1);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const std::string name = trim(table.rows[i][id_column]);
    const int sample = index.find(name);
    if (sample == kAmbiguous) {
      problems.add(concat("line ", table.lines[i], ": several images are called ", name));
    }
    if (sample < 0) continue;
    int& row = row_of_sample[static_cast<std::size_t>(sample)];
    if (row >= 0 && table.rows[static_cast<std::size_t>(row)] != table.rows[i]) {
      problems.add(concat("line ", table.lines[i], ": another row for ", name, ", after line ",
                          table.lines[static_cast<std::size_t>(row)]));
    }
    if (row < 0) row = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < row_of_sample.size(); ++i) {
    if (row_of_sample[i] < 0) problems.add(concat("no row for image ", manifest.samples[i].id));
  }
  return row_of_sample;
}

/// Fills an empty field; a known one must agree.
void fill(std::string& field, const std::string& value, const Sample& sample, const std::string& column,
          Problems& problems) {
  const std::string known = known_value(value);
  if (known.empty()) return;
  if (field.empty()) field = known;
  if (field != known) {
    problems.add(
        concat("image ", sample.id, ": ", column, " is ", known, ", but ", field, " is known already"));
  }
}

void fill_split(Sample& sample, const std::string& value, Problems& problems) {
  const auto split = given_split(value, concat("image ", sample.id, ": "), problems);
  if (!split) return;
  if (sample.split && *sample.split != *split) {
    problems.add(concat("image ", sample.id, ": split is ", name_of(*split), ", but ", name_of(*sample.split),
                        " is known already"));
  }
  sample.split = split;
}

/// One more extra column; one of the same name must hold the same.
void add_column(Manifest& manifest, const std::string& name, const CsvTable& table, std::size_t column,
                const std::vector<int>& row_of_sample, Problems& problems) {
  const auto existing = std::ranges::find(manifest.columns, name);
  const auto position = static_cast<std::size_t>(existing - manifest.columns.begin());
  const bool is_new = existing == manifest.columns.end();
  for (std::size_t i = 0; i < manifest.samples.size(); ++i) {
    Sample& sample = manifest.samples[i];
    const std::string& value = table.rows[static_cast<std::size_t>(row_of_sample[i])][column];
    if (is_new) {
      sample.extra.push_back(value);
    } else if (sample.extra[position] != value) {
      problems.add(concat("image ", sample.id, ": column ", name, " is '", value, "', but '",
                          sample.extra[position], "' is known already"));
    }
  }
  if (is_new) manifest.columns.push_back(name);
}

}  // namespace

void join_columns(Manifest& manifest, const std::filesystem::path& csv) {
  const std::string doing = concat("join table ", csv.string());
  const CsvTable table = read_csv(csv);
  const auto id = find_id_column(table);
  if (!id) throw DataError(concat(doing, ": no id column; looked for ", known_id_columns()));
  const auto lesion = find_lesion_column(table), patient = find_patient_column(table),
             split = find_split_column(table);
  Problems problems(doing);
  std::vector<std::size_t> extra;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    const bool has_meaning = column == *id || column == lesion || column == patient || column == split;
    if (has_meaning || table.header[column].empty()) continue;
    check_extra_column(table.header[column], problems);
    extra.push_back(column);
  }
  problems.throw_if_any("");
  const std::vector<int> row_of_sample = match_rows(manifest, table, *id, problems);
  problems.throw_if_any("each image of the source needs exactly one row");

  for (std::size_t i = 0; i < manifest.samples.size(); ++i) {
    Sample& sample = manifest.samples[i];
    const auto& row = table.rows[static_cast<std::size_t>(row_of_sample[i])];
    if (lesion) fill(sample.lesion, row[*lesion], sample, table.header[*lesion], problems);
    if (patient) fill(sample.patient, row[*patient], sample, table.header[*patient], problems);
    if (split) fill_split(sample, row[*split], problems);
  }
  for (const std::size_t column : extra) {
    add_column(manifest, table.header[column], table, column, row_of_sample, problems);
  }
  problems.throw_if_any("leave the contradicting column out of one of the tables");
}

}  // namespace cohort::data
