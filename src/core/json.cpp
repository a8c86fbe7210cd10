#include "cohort/core/json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <variant>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort {
namespace {

// Deeper documents are refused: reading and freeing them recurses.
constexpr std::size_t kDeepest = 100;

std::string_view kind_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_number()) return "a number";
  return "a text or truth value";
}

[[noreturn]] void refuse(const Json& value, std::string_view wanted) {
  throw DataError(concat("JSON: expected ", wanted, ", found ", kind_name(value)));
}

/// Builds the value while nlohmann's parser walks the text.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(std::int64_t value) override { return add(Json(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(Json(value)); }
  bool number_float(double value, const std::string&) override { return add(Json(value)); }
  bool string(std::string& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::Object{}); }
  bool start_array(std::size_t) override { return open(Json::Array{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(std::string& name) override {
    std::get<Json::Object>(open_.back()).emplace_back(std::move(name), Json());
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    throw DataError(concat("JSON: ", without_prefix(error.what())));
  }

  Json take() { return std::move(root_); }

 private:
  using Open = std::variant<Json::Array, Json::Object>;

  /// nlohmann's messages start with "[json.exception.parse_error.101] parse error at line 1, column 2: ".
  static std::string_view without_prefix(std::string_view message) {
    const std::size_t end = message.find("] ");
    return end == std::string_view::npos ? message : message.substr(end + 2);
  }

  bool add(Json value) {
    if (open_.empty())
      root_ = std::move(value);
    else if (auto* array = std::get_if<Json::Array>(&open_.back()))
      array->push_back(std::move(value));
    else
      std::get<Json::Object>(open_.back()).back().second = std::move(value);
    return true;
  }

  bool open(Open value) {
    if (open_.size() == kDeepest)
      throw DataError(concat("JSON: nested more than ", kDeepest, " levels deep"));
    open_.push_back(std::move(value));
    return true;
  }

  bool close() {
    Open value = std::move(open_.back());
    open_.pop_back();
    if (auto* array = std::get_if<Json::Array>(&value)) return add(Json(std::move(*array)));
    return add(Json::object(std::move(std::get<Json::Object>(value))));
  }

  std::vector<Open> open_;
  Json root_;
};

/// A name that stands twice, if any. Sorting keeps a hostile document from costing more than n log n.
const std::string* repeated_name(const Json::Object& members) {
  std::vector<const std::string*> names;
  names.reserve(members.size());
  for (const Json::Member& member : members) names.push_back(&member.first);
  std::sort(names.begin(), names.end(), [](const auto* a, const auto* b) { return *a < *b; });
  const auto found =
      std::adjacent_find(names.begin(), names.end(), [](const auto* a, const auto* b) { return *a == *b; });
  return found == names.end() ? nullptr : *found;
}

std::string quoted(const std::string& text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Writes opening bracket, elements on lines of their own when indented, closing bracket.
template <typename Elements, typename Write>
void write_list(std::string& out, const Elements& elements, char open, char close, int indent, int depth,
                const Write& write) {
  const auto new_line = [&](int level) {
    if (indent >= 0) out.append(1, '\n').append(static_cast<std::size_t>(indent * level), ' ');
  };
  out += open;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i > 0) out += indent >= 0 ? "," : ", ";
    new_line(depth + 1);
    write(elements[i]);
  }
  if (!elements.empty()) new_line(depth);
  out += close;
}

}  // namespace

Json::Json(double value) : value_(nullptr) {
  if (std::isfinite(value)) value_ = value;
}

Json::Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {
  if (value > static_cast<std::uint64_t>(INT64_MAX)) value_ = value;
}

Json Json::object(Object members) {
  if (const std::string* name = repeated_name(members))
    throw DataError(concat("JSON: member '", *name, "' appears twice"));
  return Json(std::move(members));
}

Json& Json::set(std::string name, Json value) {
  if (is_null()) value_ = Object{};
  if (!is_object()) refuse(*this, "an object");
  auto& members = std::get<Object>(value_);
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.first == name; });
  if (found != members.end()) {
    found->second = std::move(value);
  } else {
    members.emplace_back(std::move(name), std::move(value));
  }
  return *this;
}

Json& Json::push(Json value) {
  if (is_null()) value_ = Array{};
  if (!is_array()) refuse(*this, "an array");
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

bool Json::is_number() const {
  return std::holds_alternative<std::int64_t>(value_) || std::holds_alternative<std::uint64_t>(value_) ||
         std::holds_alternative<double>(value_);
}

bool Json::contains(std::string_view name) const {
  const auto* members = std::get_if<Object>(&value_);
  return members &&
         std::any_of(members->begin(), members->end(), [&](const Member& m) { return m.first == name; });
}

const Json& Json::at(std::string_view name) const {
  for (const Member& member : as_object()) {
    if (member.first == name) return member.second;
  }
  throw DataError(concat("JSON: member '", name, "' is missing"));
}

double Json::as_double() const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*value);
  refuse(*this, "a number");
}

std::int64_t Json::as_int() const {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  refuse(*this, "an integer of 64 bits");
}

std::uint64_t Json::as_uint() const {
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return *value;
  const auto* value = std::get_if<std::int64_t>(&value_);
  if (value && *value >= 0) return static_cast<std::uint64_t>(*value);
  refuse(*this, "an integer without sign");
}

bool Json::as_bool() const {
  if (const auto* value = std::get_if<bool>(&value_)) return *value;
  refuse(*this, "true or false");
}

const std::string& Json::as_string() const {
  if (const auto* value = std::get_if<std::string>(&value_)) return *value;
  refuse(*this, "a text");
}

const Json::Array& Json::as_array() const {
  if (const auto* value = std::get_if<Array>(&value_)) return *value;
  refuse(*this, "an array");
}

const Json::Object& Json::as_object() const {
  if (const auto* value = std::get_if<Object>(&value_)) return *value;
  refuse(*this, "an object");
}

void Json::write(std::string& out, int indent, int depth) const {
  if (is_null()) {
    out += "null";
  } else if (const auto* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
    out += std::to_string(*integer);
  } else if (const auto* large = std::get_if<std::uint64_t>(&value_)) {
    out += std::to_string(*large);
  } else if (const auto* number = std::get_if<double>(&value_)) {
    out += format_shortest(*number);
  } else if (const auto* text = std::get_if<std::string>(&value_)) {
    out += quoted(*text);
  } else if (const auto* array = std::get_if<Array>(&value_)) {
    write_list(out, *array, '[', ']', indent, depth,
               [&](const Json& element) { element.write(out, indent, depth + 1); });
  } else {
    write_list(out, std::get<Object>(value_), '{', '}', indent, depth, [&](const Member& member) {
      out.append(quoted(member.first)).append(": ");
      member.second.write(out, indent, depth + 1);
    });
  }
}

std::string Json::dump(int indent) const {
  std::string out;
  write(out, indent, 0);
  return out;
}

Json Json::parse(std::string_view text) {
  Builder builder;
  nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

}  // namespace cohort
