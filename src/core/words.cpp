#include "cohort/core/words.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"

namespace cohort {

std::string counted(std::int64_t count, std::string_view noun, std::string_view plural) {
  if (count == 1) return concat("1 ", noun);
  return plural.empty() ? concat(count, " ", noun, "s") : concat(count, " ", plural);
}

std::string progress_bar(double share, int width) {
  const double done = share > 0 ? std::min(share, 1.0) : 0.0;  // also for NaN
  const int filled = static_cast<int>(done * width);
  std::string bar(static_cast<std::size_t>(filled), '=');
  if (filled < width) bar += '>';
  bar.resize(static_cast<std::size_t>(width), ' ');
  const std::string percent = std::to_string(static_cast<int>(100 * done));
  return concat("[", bar, "] ", std::string(3 - percent.size(), ' '), percent, "%");
}

}  // namespace cohort
