#include "help.hpp"

#include <algorithm>

#include "cohort/core/text.hpp"

namespace cohort::app {
namespace {
constexpr std::size_t kColumn = 29;  ///< where explanations start
constexpr std::size_t kWidth = 104;

/// `text` broken at spaces to lines of kWidth, continued at kColumn.
std::string wrapped(const std::string& text, std::size_t used) {
  std::string result;
  for (const std::string& word : split(text, ' ')) {
    if (used + 1 + word.size() > kWidth && used > kColumn) {
      result += concat("\n", std::string(kColumn, ' '));
      used = kColumn;
    } else if (!result.empty()) {
      result += ' ';
      ++used;
    }
    result += word;
    used += word.size();
  }
  return result;
}

/// The default as a person would type it: no quotes, no empty text, no "off".
std::string shown_default(const Option& option) {
  if (!option.has_default) return "";
  std::string text = option.default_text;
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  if (option.literal == Literal::boolean && !option.placeholder.empty()) text = text == "true" ? "on" : "off";
  if (text.empty() || text == "[]" || option.placeholder.empty()) return "";
  return concat(" [", text, "]");
}

std::string line_of(const Option& option, const std::string& before) {
  std::string left = concat("  --", option.flag, option.placeholder.empty() ? "" : " ", option.placeholder);
  std::string help = before + option.help;
  if (left.size() + 2 > kColumn) {  // a long list of words goes into the explanation
    left = concat("  --", option.flag, " WORD");
    help += concat(": ", option.placeholder);
  }
  left.resize(std::max(kColumn, left.size() + 1), ' ');
  return concat(left, wrapped(help + shown_default(option), left.size()), "\n");
}

/// The options of an action by group, or with no action those of all, each with whose it is.
std::string options_text(const OptionTable& table, const Action* action, bool all) {
  std::string text, group;
  for (const Option& option : table.options()) {
    if ((!all && !option.is_common) || (action != nullptr && !option.belongs_to(action->name))) continue;
    if (option.group != group) text += concat("\n", option.group, "\n");
    group = option.group;
    const bool says_whose = action == nullptr && !option.actions.empty();
    text += line_of(option, says_whose ? concat(joined(option.actions, ", "), ": ") : "");
  }
  return text;
}

std::string actions_text(const Subcommand& subcommand) {
  std::string text = "\nActions:\n";
  for (const Action& action : subcommand.actions) {
    std::string left = concat("  ", action.name, action.arguments.empty() ? "" : " ", action.arguments);
    left.resize(std::max(kColumn, left.size() + 1), ' ');
    text += concat(left, wrapped(action.summary, left.size()), "\n");
  }
  return concat(text, "\nOptions of one: cohort help ", subcommand.name, " ACTION\n");
}
}  // namespace

std::string program_help() {
  std::string text =
      "cohort trains image classifiers on CPU clusters: the same bits on any number of ranks and threads.\n\n"
      "Usage: cohort COMMAND ...      cohort help COMMAND      cohort --version\n\nCommands:\n";
  for (const Subcommand& subcommand : subcommands()) {
    std::string name = concat("  ", subcommand.name);
    name.resize(13, ' ');
    text += concat(name, subcommand.summary, "\n");
  }
  return text +
         "\nA first run:\n"
         "  cohort synth --out sample && cohort import sample --out sample.h5\n"
         "  mpirun -n 2 cohort train --data sample.h5 --out runs/first && cohort evaluate runs/first\n\n"
         "Exit codes: 0 finished, 1 failed, 2 usage, 3 data refused, 4 checkpoint does not match,\n"
         "            5 required metric not reached, 70 internal, 85 stopped with a good checkpoint (run it "
         "again).\n";
}

std::string command_help(const Subcommand& subcommand, const OptionTable& table, bool all) {
  std::string text = concat("Usage: cohort ", subcommand.usage, "\n", subcommand.summary, "\n");
  const bool has_actions = !subcommand.actions.empty();
  if (has_actions) text += actions_text(subcommand);
  if (!has_actions || all) text += options_text(table, nullptr, all);
  text += concat("\nExample: ", subcommand.example, "\n");
  if (!all)
    text += concat(has_actions ? "All options: cohort " : "More options: cohort ", subcommand.name,
                   " --help-all\n");
  return text;
}

std::string action_help(const Subcommand& subcommand, const Action& action, const OptionTable& table,
                        bool all) {
  std::string text =
      concat("Usage: cohort ", subcommand.name, " ", action.name, action.arguments.empty() ? "" : " ",
             action.arguments, " [options]\n", action.summary, "\n", options_text(table, &action, all),
             "\nExample: ", action.example, "\n");
  if (!all) text += concat("More options: cohort ", subcommand.name, " ", action.name, " --help-all\n");
  return text;
}

}  // namespace cohort::app
