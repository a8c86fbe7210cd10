#include "data/problems.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {

void Problems::throw_if_any(const std::string& advice) const {
  if (problems_.empty()) return;
  const std::size_t shown = std::min(shown_, problems_.size());
  std::string text = concat(doing_, ": ");
  if (problems_.size() == 1) {
    text += problems_.front();
  } else {
    text += concat(problems_.size(), " problems");
    for (std::size_t i = 0; i < shown; ++i) text += concat("\n  ", problems_[i]);
    if (shown < problems_.size()) text += concat("\n  ... and ", problems_.size() - shown, " more");
  }
  if (!advice.empty()) text += concat(problems_.size() == 1 ? "; " : "\n", advice);
  throw DataError(text);
}

std::string first_of(const std::vector<std::string>& names, std::size_t shown) {
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > shown) text += concat(" and ", names.size() - shown, " more");
  return text;
}

}  // namespace cohort::data
