#include "option_table.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"

namespace cohort::app {

Option& Option::common() {
  is_common = true;
  return *this;
}

Option& Option::only(std::vector<std::string> names) {
  actions = std::move(names);
  return *this;
}

bool Option::belongs_to(std::string_view action) const {
  return actions.empty() || std::ranges::find(actions, action) != actions.end();
}

void OptionTable::begin_group(std::string title, std::vector<std::string> actions) {
  group_ = std::move(title);
  actions_ = std::move(actions);
}

std::vector<std::string> OptionTable::given_but_foreign_to(std::string_view action) const {
  std::vector<std::string> flags;
  for (const Option& option : options_)
    if (option.is_given && !option.belongs_to(action)) flags.push_back(concat("--", option.flag));
  return flags;
}

Option& OptionTable::add(Option option) {
  for (const Option& other : options_)
    require(other.flag != option.flag && (option.key.empty() || other.key != option.key),
            "OptionTable: a flag or key is declared twice");
  option.group = group_;
  option.actions = actions_;
  if (option.default_text.empty() && option.toml) option.default_text = option.toml();
  options_.push_back(std::move(option));
  return options_.back();
}

Option& OptionTable::number(std::string flag, std::string key, double& field, Range range, std::string help) {
  Option option{std::move(flag), std::move(key), "X", std::move(help), {}, Literal::number};
  option.assign = [&field, range](const std::vector<std::string>& values) {
    field = read_number(values.front(), range);
  };
  option.toml = [&field] { return format_shortest(field); };
  return add(std::move(option));
}

Option& OptionTable::boolean(std::string flag, std::string key, bool& field, std::string help) {
  Option option{std::move(flag), std::move(key), "on|off", std::move(help), {}, Literal::boolean};
  option.assign = [&field](const std::vector<std::string>& values) { field = read_boolean(values.front()); };
  option.toml = [&field] { return std::string(field ? "true" : "false"); };
  return add(std::move(option));
}

Option& OptionTable::toggle(std::string flag, std::string key, bool& field, std::string help) {
  Option& option = boolean(std::move(flag), std::move(key), field, std::move(help));
  option.placeholder.clear();
  return option;
}

Option& OptionTable::text(std::string flag, std::string key, std::string placeholder, std::string& field,
                          std::string help) {
  Option option{std::move(flag), std::move(key), std::move(placeholder), std::move(help)};
  option.assign = [&field](const std::vector<std::string>& values) { field = values.front(); };
  option.toml = [&field] { return toml_text(field); };
  return add(std::move(option));
}

Option& OptionTable::path(std::string flag, std::string key, std::string placeholder,
                          std::filesystem::path& field, std::string help) {
  Option option{std::move(flag), std::move(key), std::move(placeholder), std::move(help)};
  option.assign = [&field](const std::vector<std::string>& values) { field = values.front(); };
  option.toml = [&field] { return toml_text(field.string()); };
  return add(std::move(option));
}

Option& OptionTable::paths(std::string flag, std::string key, std::string placeholder,
                           std::vector<std::filesystem::path>& field, std::string help) {
  Option option{std::move(flag), std::move(key), std::move(placeholder), std::move(help), {}, Literal::list};
  option.is_repeatable = true;
  option.assign = [&field](const std::vector<std::string>& values) {
    field.assign(values.begin(), values.end());
  };
  option.toml = [&field] {
    std::vector<std::string> words;
    for (const auto& path : field) words.push_back(toml_text(path.string()));
    return concat("[", joined(words, ", "), "]");
  };
  return add(std::move(option));
}

Option& OptionTable::words(std::string flag, std::string key, std::string placeholder,
                           std::vector<std::string>& field, std::string help, Literal literal) {
  Option option{std::move(flag), std::move(key), std::move(placeholder), std::move(help), {}, literal};
  option.is_repeatable = true;
  option.assign = [&field](const std::vector<std::string>& values) { field = values; };
  option.toml = [&field, literal] {
    std::vector<std::string> texts;
    for (const std::string& word : field) texts.push_back(literal == Literal::list ? toml_text(word) : word);
    return concat("[", joined(texts, ", "), "]");
  };
  return add(std::move(option));
}

Option& OptionTable::duration(std::string flag, std::string key, double& seconds, std::string help) {
  Option option{std::move(flag), std::move(key), "TIME", std::move(help), {}, Literal::quantity};
  option.assign = [&seconds](const std::vector<std::string>& values) {
    seconds = parse_duration_s(values.front());
    if (!(seconds >= 0)) throw UsageError(concat("expected a duration, got '", values.front(), "'"));
  };
  option.toml = [&seconds] { return format_shortest(seconds); };
  return add(std::move(option));
}

Option& OptionTable::bytes(std::string flag, std::string key, std::uint64_t& field, std::string help) {
  Option option{std::move(flag), std::move(key), "SIZE", std::move(help), {}, Literal::quantity};
  option.assign = [&field](const std::vector<std::string>& values) { field = parse_bytes(values.front()); };
  option.toml = [&field] { return std::to_string(field); };
  return add(std::move(option));
}

Option& OptionTable::word(std::string flag, std::string key, std::vector<std::string> words,
                          std::string& field, std::string help) {
  Option option{std::move(flag), std::move(key), joined(words, "|"), std::move(help)};
  option.assign = [&field, words = std::move(words)](const std::vector<std::string>& values) {
    field = words[read_word(values.front(), words)];
  };
  option.toml = [&field] { return toml_text(field); };
  return add(std::move(option));
}

std::string OptionTable::to_toml() const {
  // Keys without a table first (TOML cannot return to the top level), then one table after another as
  // declared.
  std::vector<std::string> tables{""};
  std::vector<std::string> texts{""};
  for (const Option& option : options_) {
    if (option.key.empty() || !option.toml) continue;
    const std::size_t dot = option.key.rfind('.');
    const std::string table = dot == std::string::npos ? "" : option.key.substr(0, dot);
    std::size_t i = 0;
    while (i < tables.size() && tables[i] != table) ++i;
    if (i == tables.size()) {
      tables.push_back(table);
      texts.push_back(concat("\n[", table, "]\n"));
    }
    const std::string name = dot == std::string::npos ? option.key : option.key.substr(dot + 1);
    texts[i] += concat(name, " = ", option.toml(), "\n");
  }
  return joined(texts, "");
}

}  // namespace cohort::app
