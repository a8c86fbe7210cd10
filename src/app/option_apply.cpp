// Boost.Program_options reads the command line and decides precedence; conversion and complaints are ours, so
// that all problems of both sources are reported at once.
#include <algorithm>
#include <boost/program_options.hpp>
#include <map>

#include "cohort/core/text.hpp"
#include "option_table.hpp"

namespace cohort::app {
namespace po = boost::program_options;
namespace {
using Values = std::vector<std::string>;

po::options_description describe(std::span<const Option> options) {
  po::options_description description;
  for (const Option& option : options) {
    auto* value = po::value<Values>();
    if (option.placeholder.empty()) value->zero_tokens()->implicit_value(Values{"on"}, "on");
    description.add_options()(option.flag.c_str(), value, "");
  }
  return description;
}

/// The command line as Boost sees it: no guessing of abbreviated flags; unknown flags are kept for our own
/// complaint.
po::parsed_options parse(std::span<const std::string> arguments, const po::options_description& description) {
  namespace style = po::command_line_style;
  const int flags = style::unix_style & ~style::allow_guessing & ~style::allow_short;
  return po::command_line_parser(std::vector<std::string>(arguments.begin(), arguments.end()))
      .options(description)
      .style(flags)
      .allow_unregistered()
      .run();
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates,
                         std::string_view dashes) {
  const auto near = nearest_name(name, candidates);
  return near ? concat("; did you mean '", dashes, *near, "'?") : "";
}

/// For a key that is unknown: the key whose last word (or flag) is its last word, else the nearest key, else
/// the key whose last word is near.
std::string suggest_key(const std::string& key, std::span<const Option> options) {
  std::vector<std::string> keys, words;
  std::map<std::string, std::string> key_of;
  for (const Option& option : options) {
    if (option.key.empty()) continue;
    keys.push_back(option.key);
    std::string flag = option.flag;
    std::replace(flag.begin(), flag.end(), '-', '_');
    for (const std::string& word : {flag, option.key.substr(option.key.rfind('.') + 1)})
      if (key_of.emplace(word, option.key).second) words.push_back(word);
  }
  const std::string last_word = key.substr(key.rfind('.') + 1);
  auto near = nearest_name(key, keys);
  if (const auto same = key_of.find(last_word); same != key_of.end()) {
    near = same->second;
  } else if (!near) {
    const auto word = nearest_name(last_word, words);
    if (word) near = key_of[*word];
  }
  return near ? concat("; did you mean '", *near, "'?") : "";
}

/// Turns the job file's entries into Boost's form; complains of unknown keys and wrong kinds.
po::parsed_options convert(std::span<const JobEntry> file, std::span<const Option> options,
                           const po::options_description& description, Values& problems,
                           std::map<std::string, std::string>& places) {
  po::parsed_options parsed(&description);
  for (const JobEntry& entry : file) {
    const auto option =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.key == entry.key; });
    if (option == options.end() || entry.key.empty()) {
      problems.push_back(
          concat(entry.place, ": unknown key '", entry.key, "'", suggest_key(entry.key, options)));
    } else if (!accepts(option->literal, entry.literal)) {
      problems.push_back(concat(entry.place, ": ", entry.key, ": expected ", name_of(option->literal),
                                ", got ", entry.written));
    } else {
      places[option->flag] = concat(entry.place, ": ", entry.key);
      parsed.options.push_back(po::option(option->flag, entry.values));
    }
  }
  return parsed;
}

/// Complains of unknown flags; returns what is no option.
Values positionals(const po::parsed_options& parsed, std::span<const Option> options,
                   const KnowsFlag& elsewhere, Values& problems) {
  Values flags, result;
  for (const Option& option : options) flags.push_back(option.flag);
  bool follows_unknown = false;
  for (const auto& item : parsed.options) {
    if (item.unregistered) {
      const std::string& token =
          item.original_tokens.empty() ? item.string_key : item.original_tokens.front();
      const std::string name = token.substr(0, token.find('='));
      const std::string bare = name.substr(std::min(name.find_first_not_of('-'), name.size()));
      problems.push_back(concat("unknown option '", name, "'", elsewhere ? elsewhere(bare) : "",
                                did_you_mean(bare, flags, "--")));
      follows_unknown = token.find('=') == std::string::npos;
    } else if (item.position_key >= 0 || item.string_key.empty()) {
      // What follows an unknown flag is likely its value: one mistake, one complaint.
      if (!follows_unknown) result.insert(result.end(), item.value.begin(), item.value.end());
      follows_unknown = false;
    } else {
      follows_unknown = false;
    }
  }
  return result;
}

void assign(const Option& option, const Values& values, const std::string& where, Values& problems) {
  if (values.size() > 1 && !option.is_repeatable) {
    problems.push_back(concat(where, ": given ", values.size(), " times"));
    return;
  }
  try {
    option.assign(values);
  } catch (const UsageError& e) {
    problems.push_back(concat(where, ": ", e.what()));
  }
}

std::string tell(const Values& problems) {
  if (problems.size() == 1) return problems.front();
  return concat(problems.size(), " problems:\n  ", joined(problems, "\n  "));
}
}  // namespace

std::vector<std::string> OptionTable::apply(std::span<const std::string> arguments,
                                            std::span<const JobEntry> file, const KnowsFlag& elsewhere) {
  Values problems, result;
  try {
    const po::options_description description = describe(options_);
    const po::parsed_options parsed = parse(arguments, description);
    result = positionals(parsed, options_, elsewhere, problems);
    std::map<std::string, std::string> places;
    const po::parsed_options from_file = convert(file, options_, description, problems, places);
    po::variables_map on_line, values;
    po::store(parsed, on_line);
    po::store(parsed, values);  // what is stored first wins
    po::store(from_file, values);
    for (Option& option : options_) {
      option.is_given = values.count(option.flag) > 0;
      if (!option.is_given) continue;
      const std::string where = on_line.count(option.flag) ? concat("--", option.flag) : places[option.flag];
      assign(option, values[option.flag].as<Values>(), where, problems);
    }
  } catch (const po::error& e) {
    throw UsageError(e.what());
  }
  if (!problems.empty()) throw UsageError(tell(problems));
  return result;
}

std::string OptionTable::peek(std::span<const std::string> arguments, const std::string& flag) const {
  try {
    const po::options_description description = describe(options_);
    const po::parsed_options parsed = parse(arguments, description);
    if (flag.empty()) {
      Values ignored;
      const Values words = positionals(parsed, options_, {}, ignored);
      return words.empty() ? "" : words.front();
    }
    for (const auto& item : parsed.options)
      if (item.string_key == flag && !item.value.empty()) return item.value.back();
  } catch (const po::error&) {
    // apply() will say what is wrong.
  }
  return "";
}

}  // namespace cohort::app
