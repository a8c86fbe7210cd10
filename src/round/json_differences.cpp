#include "round/json_differences.hpp"

#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

constexpr const char* kAbsent = "(absent)";

void compare(const Json& stored, const Json& now, const std::string& place, std::vector<std::string>& lines) {
  const std::string before = stored.dump(), after = now.dump();
  if (before == after) return;
  if (!stored.is_object() || !now.is_object()) {
    lines.push_back(concat(place, ": stored ", before, ", now ", after));
    return;
  }
  const auto below = [&](const std::string& name) { return place.empty() ? name : concat(place, ".", name); };
  const std::size_t lines_above = lines.size();
  for (const auto& [name, value] : now.as_object())
    if (stored.contains(name))
      compare(stored.at(name), value, below(name), lines);
    else
      lines.push_back(concat(below(name), ": stored ", kAbsent, ", now ", value.dump()));
  for (const auto& [name, value] : stored.as_object())
    if (!now.contains(name))
      lines.push_back(concat(below(name), ": stored ", value.dump(), ", now ", kAbsent));
  if (lines.size() == lines_above)
    lines.push_back(concat(place.empty() ? "the document" : place, ": the same members in another order"));
}

}  // namespace

std::vector<std::string> json_differences(const Json& stored, const Json& now) {
  std::vector<std::string> lines;
  compare(stored, now, "", lines);
  return lines;
}

}  // namespace cohort::round
