#include "round_surroundings.hpp"

#include <filesystem>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/store/hostile_reader.hpp"
#include "tables.hpp"

namespace cohort::app {

std::optional<data::Dataset> hidden_beside(const data::Dataset& dataset) {
  const std::filesystem::path path = sibling(dataset.path(), ".hidden.h5");
  if (!std::filesystem::exists(path)) return std::nullopt;
  data::Dataset hidden = data::Dataset::open(path, true);
  round::require_hidden(hidden, dataset);
  return hidden;
}

void try_reader() {
  // It gets its own bytes, which are no file of a stranger but long enough to be looked at within its limits.
  const std::vector<store::ExpectedArray> expected{{"trial", store::Kind::i64, {1}, 0}};
  const std::filesystem::path program = store::hostile_reader_program();
  store::HostileLimits limits;
  std::error_code error;  // the start says better what is wrong with it
  const std::uintmax_t bytes = std::filesystem::file_size(program, error);
  if (!error) limits.slack_bytes = bytes;
  const store::HostileContents contents = store::read_hostile(program, expected, limits);
  if (contents.problem != store::HostileProblem::format)
    throw Error(concat("try the program that reads strangers' files: ", contents.detail));
}

}  // namespace cohort::app
