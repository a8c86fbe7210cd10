#include "data/label_columns.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {
namespace {

/// Diagnoses of the ISIC challenges, as their one-hot columns are named.
constexpr std::array<std::string_view, 10> kIsicClasses{"MEL", "NV", "BCC",  "AK",  "AKIEC",
                                                        "BKL", "DF", "VASC", "SCC", "UNK"};
/// Columns of names, the most telling first.
constexpr std::array<std::string_view, 8> kNameColumns{
    "dx", "benign_malignant", "target", "diagnosis_1", "diagnosis", "label", "class", "category"};
constexpr std::string_view kUnknownClass = "UNK";

std::optional<LabelColumns> find_isic_one_hot(const CsvTable& table) {
  LabelColumns found{LabelKind::one_hot, {}};
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (std::ranges::find(kIsicClasses, table.header[i]) != kIsicClasses.end()) found.columns.push_back(i);
  }
  if (found.columns.size() < 2) return std::nullopt;
  return found;
}

std::optional<LabelColumns> find_isic_2017(const CsvTable& table) {
  const auto melanoma = table.column("melanoma"), keratosis = table.column("seborrheic_keratosis");
  if (!melanoma || !keratosis) return std::nullopt;
  return LabelColumns{LabelKind::one_hot_or_none, {*melanoma, *keratosis}};
}

std::optional<LabelColumns> find_names(const CsvTable& table) {
  for (const std::string_view name : kNameColumns) {
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      if (to_lower_ascii(trim(table.header[i])) == name) return LabelColumns{LabelKind::names, {i}};
    }
  }
  return std::nullopt;
}

/// One-hot under any names: every column but the id holds 0 or 1, and every row a single 1.
std::optional<LabelColumns> find_any_one_hot(const CsvTable& table, std::size_t id_column) {
  LabelColumns found{LabelKind::one_hot, {}};
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (i != id_column) found.columns.push_back(i);
  }
  const auto is_one_hot = [&](const std::vector<std::string>& row) {
    int ones = 0;
    for (const std::size_t column : found.columns) {
      const auto value = parse_double(trim(row[column]));
      if (!value || (*value != 0 && *value != 1)) return false;
      ones += *value == 1;
    }
    return ones == 1;
  };
  if (found.columns.size() < 2 || table.rows.empty() || !std::ranges::all_of(table.rows, is_one_hot)) {
    return std::nullopt;
  }
  return found;
}

std::string at_line(const CsvTable& table, std::size_t row) {
  return concat("line ", table.lines[row], ": ");
}

Labels read_names(const CsvTable& table, std::size_t column, Problems& problems) {
  Labels labels;
  std::set<std::string> names;
  for (const auto& row : table.rows) names.insert(trim(row[column]));
  names.erase("");
  labels.classes.assign(names.begin(), names.end());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto found = names.find(trim(table.rows[i][column]));
    labels.of_row.push_back(found == names.end() ? -1
                                                 : static_cast<int>(std::distance(names.begin(), found)));
    if (found == names.end()) {
      problems.add(concat(at_line(table, i), "column ", table.header[column], " is empty"));
    }
  }
  return labels;
}

/// The class of one row, `none` when all are zero, -1 when there is a problem.
int read_one_hot_row(const CsvTable& table, std::size_t row, const LabelColumns& columns, int none,
                     Problems& problems) {
  int label = none;
  int ones = 0;
  for (std::size_t k = 0; k < columns.columns.size(); ++k) {
    const std::size_t column = columns.columns[k];
    const auto value = parse_double(trim(table.rows[row][column]));
    if (!value || (*value != 0 && *value != 1)) {
      problems.add(concat(at_line(table, row), "column ", table.header[column], " is '",
                          table.rows[row][column], "', must be 0 or 1"));
      return -1;
    }
    if (*value == 1) {
      label = static_cast<int>(k);
      ++ones;
    }
  }
  if (ones > 1 || (ones == 0 && none < 0)) {
    problems.add(concat(at_line(table, row), ones, " classes are marked, must be 1"));
    return -1;
  }
  return label;
}

/// Takes classes without a sample out (only "unknown" may be empty) and renumbers the others.
void drop_empty_classes(Labels& labels, Problems& problems) {
  std::vector<std::int64_t> counts(labels.classes.size());
  for (const int label : labels.of_row) {
    if (label >= 0) ++counts[static_cast<std::size_t>(label)];
  }
  std::vector<int> renumbered(labels.classes.size(), -1);
  std::vector<std::string> kept;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] == 0 && labels.classes[k] == kUnknownClass) {
      labels.warnings.push_back("class UNK has no sample and is left out");
      continue;
    }
    if (counts[k] == 0)
      problems.add(concat("class ", labels.classes[k], " has no sample; remove its column"));
    renumbered[k] = static_cast<int>(kept.size());
    kept.push_back(labels.classes[k]);
  }
  labels.classes = std::move(kept);
  for (int& label : labels.of_row) {
    if (label >= 0) label = renumbered[static_cast<std::size_t>(label)];
  }
}

Labels read_one_hot(const CsvTable& table, const LabelColumns& columns, Problems& problems) {
  Labels labels;
  for (const std::size_t column : columns.columns) labels.classes.push_back(trim(table.header[column]));
  const bool may_be_none = columns.kind == LabelKind::one_hot_or_none;
  const int none = may_be_none ? static_cast<int>(columns.columns.size()) : -1;
  if (may_be_none) labels.classes.emplace_back("nevus");
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    labels.of_row.push_back(read_one_hot_row(table, i, columns, none, problems));
  }
  drop_empty_classes(labels, problems);
  return labels;
}

/// A `target` column beside the labels numbers the classes; it must do so one to one.
void compare_with_target(const CsvTable& table, const LabelColumns& columns, Labels& labels,
                         Problems& problems) {
  const auto target = table.column("target");
  if (!target || columns.columns.front() == *target) return;
  std::map<int, std::pair<std::string, std::size_t>> target_of_class;
  std::map<std::string, std::pair<int, std::size_t>> class_of_target;
  bool is_numbered_alike = true;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const int label = labels.of_row[i];
    const std::string value = trim(table.rows[i][*target]);
    if (label < 0 || value.empty()) continue;
    const auto& [first_value, first_line] = target_of_class.try_emplace(label, value, i).first->second;
    const auto& [first_label, label_line] = class_of_target.try_emplace(value, label, i).first->second;
    if (first_value != value || first_label != label) {
      const std::size_t other = first_value != value ? first_line : label_line;
      problems.add(concat(at_line(table, i), "class-index conflict: class ",
                          labels.classes[static_cast<std::size_t>(label)], " with target ", value,
                          " contradicts line ", table.lines[other]));
    }
    is_numbered_alike = is_numbered_alike && parse_double(value) == static_cast<double>(label);
  }
  if (!is_numbered_alike) {
    labels.warnings.emplace_back("column target numbers the classes otherwise than the class table here");
  }
}

}  // namespace

std::optional<LabelColumns> find_label_columns(const CsvTable& table, std::size_t id_column,
                                               const std::string& label_column) {
  if (!label_column.empty()) {
    const auto column = table.column(label_column);
    if (column) return LabelColumns{LabelKind::names, {*column}};
    throw DataError(concat("label column '", label_column, "' is not in the table",
                           did_you_mean(label_column, table.header)));
  }
  if (auto found = find_isic_one_hot(table)) return found;
  if (auto found = find_isic_2017(table)) return found;
  if (auto found = find_names(table)) return found;
  return find_any_one_hot(table, id_column);
}

Labels read_labels(const CsvTable& table, const LabelColumns& columns, Problems& problems) {
  Labels labels = columns.kind == LabelKind::names ? read_names(table, columns.columns.front(), problems)
                                                   : read_one_hot(table, columns, problems);
  compare_with_target(table, columns, labels, problems);
  return labels;
}

std::string describe(const CsvTable& table, const LabelColumns& columns) {
  std::string text = columns.columns.size() == 1 ? "column " : "columns ";
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    text += concat(i > 0 ? ", " : "", table.header[columns.columns[i]]);
  }
  return text;
}

}  // namespace cohort::data
