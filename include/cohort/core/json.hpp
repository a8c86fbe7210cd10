// JSON values: small documents written and read whole (status.json, metrics.jsonl, results).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cohort {

/// A JSON value; objects keep the order in which members were added.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() : value_(nullptr) {}
  Json(std::nullptr_t) : value_(nullptr) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(static_cast<std::int64_t>(value)) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::uint64_t value);
  /// A value that is not finite becomes null, since JSON has no word for it.
  Json(double value);
  Json(const char* value) : value_(std::string(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}

  /// An empty object, an empty array.
  static Json object() { return Json(Object{}); }
  static Json array() { return Json(Array{}); }

  /// An object of these members, in this order. Throws DataError for a name that stands twice. Takes time
  /// n log n, where n calls of `set` look at n² / 2 names.
  static Json object(Object members);

  /// Adds or replaces a member; turns null into an object. Returns *this for chaining.
  Json& set(std::string name, Json value);
  /// Appends to an array; turns null into an array.
  Json& push(Json value);

  /// Which kind of value this is.
  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(value_); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(value_); }
  [[nodiscard]] bool is_number() const;
  /// Whether this is an object with a member of this name.
  [[nodiscard]] bool contains(std::string_view name) const;

  /// Member access; throws DataError naming the missing member.
  [[nodiscard]] const Json& at(std::string_view name) const;
  /// Typed reads; throw DataError when the value is of another kind. as_double accepts integers.
  [[nodiscard]] double as_double() const;
  [[nodiscard]] std::int64_t as_int() const;
  [[nodiscard]] std::uint64_t as_uint() const;
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Array& as_array() const;
  [[nodiscard]] const Object& as_object() const;

  /// Text; indent < 0 gives one line. Doubles print in the shortest form that reads back the same.
  [[nodiscard]] std::string dump(int indent = -1) const;
  /// Throws DataError with line and column; also for a member named twice and for nesting beyond 100 levels.
  static Json parse(std::string_view text);

 private:
  explicit Json(Object members) : value_(std::move(members)) {}
  void write(std::string& out, int indent, int depth) const;

  // Integers are signed; the unsigned alternative holds only those above the signed range.
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_;
};

}  // namespace cohort
