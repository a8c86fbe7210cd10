// Reading an object of a JSON file member by member, so that everything wrong with it is said at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/amount.hpp"

namespace cohort::round {

/// Problems of a file; ends reading when there are any.
class ProblemList {
 public:
  explicit ProblemList(std::string subject) : subject_(std::move(subject)) {}
  void add(std::string problem) { problems_.push_back(std::move(problem)); }
  /// Runs `read`; a DataError or UsageError (a name that is also one of the command line's) becomes a problem
  /// at `place`.
  void collect(const std::string& place, const std::function<void()>& read) {
    try {
      read();
    } catch (const DataError& e) {
      add(concat(place, ": ", e.what()));
    } catch (const UsageError& e) {
      add(concat(place, ": ", e.what()));
    }
  }
  /// Throws DataError with the first ten problems, if any.
  void refuse() const {
    if (problems_.empty()) return;
    constexpr std::size_t most = 10;
    std::vector<std::string> shown(
        problems_.begin(), problems_.begin() + static_cast<std::ptrdiff_t>(std::min(most, problems_.size())));
    if (problems_.size() > most) shown.push_back(concat("and ", problems_.size() - most, " more"));
    throw DataError(concat(subject_, ": ", joined(shown, "; ")));
  }

 private:
  std::string subject_;
  std::vector<std::string> problems_;
};

/// One object. Every member that it may have must be asked for; `finish` reports the others.
class Fields {
 public:
  Fields(const Json& object, std::string place, ProblemList& problems)
      : object_(object), place_(std::move(place)), problems_(problems) {
    problems_.collect(place_, [&] { static_cast<void>(object_.as_object()); });
  }
  /// Hands the member to `read`; a missing one is a problem.
  void required(const std::string& name, const std::function<void(const Json&)>& read) {
    known_.push_back(name);
    if (object_.is_object()) problems_.collect(place_of(name), [&] { read(object_.at(name)); });
  }
  /// Hands the member to `read` if it is there.
  void optional(const std::string& name, const std::function<void(const Json&)>& read) {
    known_.push_back(name);
    if (object_.contains(name)) problems_.collect(place_of(name), [&] { read(object_.at(name)); });
  }
  void finish() {
    if (!object_.is_object()) return;
    for (const auto& [name, value] : object_.as_object())
      if (std::find(known_.begin(), known_.end(), name) == known_.end())
        problems_.add(
            concat(place_, ": unknown member '", name.substr(0, 60), "'", did_you_mean(name, known_)));
  }
  [[nodiscard]] std::string place_of(const std::string& name) const {
    return place_.empty() ? name : concat(place_, ".", name);
  }

 private:
  const Json& object_;
  std::string place_;
  ProblemList& problems_;
  std::vector<std::string> known_;
};

/// What `Fields` hands a member to: reads it into a field of the same kind.
inline auto into(std::string& field) {
  return [&field](const Json& json) { field = json.as_string(); };
}
inline auto into(std::int64_t& field) {
  return [&field](const Json& json) { field = json.as_int(); };
}
inline auto into(std::uint64_t& field) {
  return [&field](const Json& json) { field = json.as_uint(); };
}
inline auto into(double& field) {
  return [&field](const Json& json) { field = json.as_double(); };
}
inline auto into(bool& field) {
  return [&field](const Json& json) { field = json.as_bool(); };
}
/// 64 hexadecimal digits; keys have the same form.
inline auto into(Digest& field) {
  return [&field](const Json& json) { field = digest_from_hex(json.as_string()); };
}
inline auto into(Amount& field) {
  return [&field](const Json& json) { field = Amount::from_decimal(json.as_string()); };
}
inline auto into(std::vector<std::int64_t>& field) {
  return [&field](const Json& json) {
    field.clear();  // a default may stand there
    for (const Json& value : json.as_array()) field.push_back(value.as_int());
  };
}
inline auto into(std::vector<double>& field) {
  return [&field](const Json& json) {
    field.clear();  // a default may stand there
    for (const Json& value : json.as_array()) field.push_back(value.as_double());
  };
}
/// What a name stands for.
template <typename E, typename FromName>
auto into(E& field, const FromName& from_name) {
  return [&field, from_name](const Json& json) { field = from_name(json.as_string()); };
}

}  // namespace cohort::round
