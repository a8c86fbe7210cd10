// Where a table keeps its labels: one-hot columns, the two columns of ISIC 2017, or one column of names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cohort/data/csv.hpp"
#include "data/problems.hpp"

namespace cohort::data {

enum class LabelKind {
  names,           ///< one column; classes are its distinct values, bytewise
  one_hot,         ///< one column for each class, exactly one of them 1
  one_hot_or_none  ///< the same, where all zeros mean a further class: a nevus in ISIC 2017
};

struct LabelColumns {
  LabelKind kind = LabelKind::names;
  std::vector<std::size_t> columns;
};

/// Finds them by name (or takes `label_column`), given which column holds the ids; nothing when there are
/// none. Throws DataError when `label_column` is given and absent.
std::optional<LabelColumns> find_label_columns(const CsvTable& table, std::size_t id_column,
                                               const std::string& label_column);

struct Labels {
  std::vector<std::string> classes;
  std::vector<int> of_row;  ///< -1 where there is a problem
  std::vector<std::string> warnings;
};

/// Reads every row's label. Adds a problem for each row without one, for classes without a sample, and for
/// rows whose `target` column contradicts the class.
Labels read_labels(const CsvTable& table, const LabelColumns& columns, Problems& problems);

/// "columns MEL, NV, …" or "column dx".
std::string describe(const CsvTable& table, const LabelColumns& columns);

}  // namespace cohort::data
