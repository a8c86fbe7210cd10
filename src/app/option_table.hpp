// One table of options per subcommand. Command line and job file fill the same plain structs through it, help
// and the resolved configuration are printed from it.
#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "option_values.hpp"

namespace cohort::app {

/// One option: how it is written, what it means, and the field that it fills.
struct Option {
  std::string flag;         ///< "batch-size", written --batch-size
  std::string key;          ///< "training.batch_size" in job files; empty: only on the command line
  std::string placeholder;  ///< "N"; empty for a switch, which takes no value
  std::string help;
  std::string group{};
  Literal literal = Literal::text;
  bool is_common = false;      ///< shown on the first screen of help
  bool is_repeatable = false;  ///< may be given several times
  bool is_given = false;       ///< on the command line or in the job file; known once they are applied
  bool has_default = true;     ///< false where the field's first value stands for "not given"
  std::vector<std::string> actions{};  ///< of the subcommand, that take it; empty: all do
  std::string default_text{};
  std::function<void(const std::vector<std::string>&)> assign{};  ///< throws UsageError("expected …")
  std::function<std::string()> toml{};                            ///< the field's present value as TOML

  /// Puts the option on the first screen of help; returns it for chaining.
  Option& common();
  /// Gives the option to these actions of the subcommand, instead of to those of its group; for chaining.
  Option& only(std::vector<std::string> names);
  [[nodiscard]] bool belongs_to(std::string_view action) const;
};

/// One value of a job file, flattened: [training] epochs = 3 is the key "training.epochs".
struct JobEntry {
  std::string key;
  std::string place;  ///< "jobs/demo.toml:12"
  Literal literal = Literal::text;
  std::string written;              ///< as in the file, for messages
  std::vector<std::string> values;  ///< one, or the elements of a list
};

/// What is to be said of a flag that a table does not have: ", which cohort train takes", or nothing.
using KnowsFlag = std::function<std::string(std::string_view flag)>;

class OptionTable {
 public:
  /// Options declared from here on belong to this group of the help text, and to these actions of the
  /// subcommand (to all of them where none is named).
  void begin_group(std::string title, std::vector<std::string> actions = {});

  template <typename T>
  Option& integer(std::string flag, std::string key, T& field, Range range, std::string help);
  Option& number(std::string flag, std::string key, double& field, Range range, std::string help);
  Option& boolean(std::string flag, std::string key, bool& field, std::string help);
  /// A switch: on when given.
  Option& toggle(std::string flag, std::string key, bool& field, std::string help);
  Option& text(std::string flag, std::string key, std::string placeholder, std::string& field,
               std::string help);
  Option& path(std::string flag, std::string key, std::string placeholder, std::filesystem::path& field,
               std::string help);
  Option& paths(std::string flag, std::string key, std::string placeholder,
                std::vector<std::filesystem::path>& field, std::string help);
  /// A list of words in job files, repeatable on the command line; `numbers`: of numbers, without quotes.
  Option& words(std::string flag, std::string key, std::string placeholder, std::vector<std::string>& field,
                std::string help, Literal literal = Literal::list);
  /// Seconds, written "90s", "15min", "2h", "1:30:00" or as a plain number.
  Option& duration(std::string flag, std::string key, double& seconds, std::string help);
  /// Bytes, written "512MiB", "2GiB" or as a plain number.
  Option& bytes(std::string flag, std::string key, std::uint64_t& field, std::string help);
  /// One word out of a list.
  Option& word(std::string flag, std::string key, std::vector<std::string> words, std::string& field,
               std::string help);
  template <typename E>
  Option& choice(std::string flag, std::string key, std::vector<std::pair<std::string, E>> values, E& field,
                 std::string help);
  /// An option with its own conversion.
  Option& add(Option option);

  /// Applies the command line over the job file's entries over what the fields hold now.
  ///
  /// Returns the arguments that are no options, in order. Throws UsageError with all problems at once:
  /// unknown flags with what `elsewhere` knows of them, these and keys with the nearest name, wrong types,
  /// values out of range.
  std::vector<std::string> apply(std::span<const std::string> arguments, std::span<const JobEntry> file,
                                 const KnowsFlag& elsewhere = {});
  /// Only looks up one flag's value on the command line (with an empty flag: the first argument that is no
  /// option), ignoring everything else; empty when absent.
  [[nodiscard]] std::string peek(std::span<const std::string> arguments, const std::string& flag) const;

  [[nodiscard]] const std::vector<Option>& options() const { return options_; }
  /// The flags, with their dashes, that were applied although this action does not take them.
  [[nodiscard]] std::vector<std::string> given_but_foreign_to(std::string_view action) const;
  /// All options that have a key, as a job file that reproduces the present values.
  [[nodiscard]] std::string to_toml() const;

 private:
  std::vector<Option> options_;
  std::string group_ = "Options";
  std::vector<std::string> actions_;
};

template <typename T>
Option& OptionTable::integer(std::string flag, std::string key, T& field, Range range, std::string help) {
  range.low = std::max(range.low, static_cast<double>(std::numeric_limits<T>::min()));
  range.high = std::min(range.high, static_cast<double>(std::numeric_limits<T>::max()));
  Option option{std::move(flag), std::move(key), "N", std::move(help), {}, Literal::integer};
  option.assign = [&field, range](const std::vector<std::string>& values) {
    field = static_cast<T>(read_integer(values.front(), range));
  };
  option.toml = [&field] { return std::to_string(field); };
  option.has_default = static_cast<double>(field) >= range.low && static_cast<double>(field) <= range.high;
  return add(std::move(option));
}

template <typename E>
Option& OptionTable::choice(std::string flag, std::string key, std::vector<std::pair<std::string, E>> values,
                            E& field, std::string help) {
  std::vector<std::string> words;
  for (const auto& [word, value] : values) words.push_back(word);
  Option option{std::move(flag), std::move(key), joined(words, "|"), std::move(help)};
  option.assign = [&field, values, words](const std::vector<std::string>& given) {
    field = values[read_word(given.front(), words)].second;
  };
  option.toml = [&field, values] {
    for (const auto& [word, value] : values)
      if (value == field) return toml_text(word);
    return toml_text("");
  };
  return add(std::move(option));
}

}  // namespace cohort::app
