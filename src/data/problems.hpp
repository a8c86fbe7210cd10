// Bad input is reported all at once: a list of problems that becomes one DataError.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cohort::data {

/// Collects problems while work goes on.
class Problems {
 public:
  /// `doing` is what was attempted, for the error's first line. More problems than `shown` are only counted.
  explicit Problems(std::string doing, std::size_t shown = 100) : doing_(std::move(doing)), shown_(shown) {}

  void add(std::string problem) { problems_.push_back(std::move(problem)); }
  [[nodiscard]] bool empty() const { return problems_.empty(); }

  /// Throws DataError when there is any problem: `doing`, the number, one line for each, then `advice`.
  void throw_if_any(const std::string& advice) const;

 private:
  std::string doing_;
  std::size_t shown_;
  std::vector<std::string> problems_;
};

/// The first names of a longer list: "a, b, c and 7 more".
std::string first_of(const std::vector<std::string>& names, std::size_t shown = 5);

}  // namespace cohort::data
