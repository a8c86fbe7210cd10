#include "round/json_differences.hpp"

#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

constexpr const char* kAbsent = "(absent)";

class Comparison {
 public:
  explicit Comparison(const DifferenceWords& words) : words_(words) {}

  void compare(const Json& first, const Json& second, const std::string& place) {
    const std::string one = first.dump(), other = second.dump();
    if (one == other) return;
    if (!first.is_object() || !second.is_object()) return add(place, one, other);
    const auto below = [&](const std::string& name) {
      return place.empty() ? name : concat(place, ".", name);
    };
    const std::size_t lines_above = lines_.size();
    for (const auto& [name, value] : second.as_object())
      if (first.contains(name))
        compare(first.at(name), value, below(name));
      else
        add(below(name), kAbsent, value.dump());
    for (const auto& [name, value] : first.as_object())
      if (!second.contains(name)) add(below(name), value.dump(), kAbsent);
    if (lines_.size() == lines_above)
      lines_.push_back(concat(place.empty() ? "the document" : place, ": the same members in another order"));
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void add(const std::string& place, std::string_view one, std::string_view other) {
    lines_.push_back(concat(place, ": ", words_.first, one, ", ", words_.second, other));
  }

  DifferenceWords words_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> json_differences(const Json& first, const Json& second,
                                          const DifferenceWords& words) {
  Comparison comparison(words);
  comparison.compare(first, second, "");
  return comparison.take();
}

}  // namespace cohort::round
