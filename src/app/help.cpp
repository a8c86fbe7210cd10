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
  std::string text = option.default_text;
  if (text.size() >= 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  if (option.literal == Literal::boolean && !option.placeholder.empty()) text = text == "true" ? "on" : "off";
  if (text.empty() || text == "[]" || option.placeholder.empty()) return "";
  return concat(" [", text, "]");
}

std::string line_of(const Option& option) {
  std::string left = concat("  --", option.flag, option.placeholder.empty() ? "" : " ", option.placeholder);
  std::string help = option.help;
  if (left.size() + 2 > kColumn) {  // a long list of words goes into the explanation
    left = concat("  --", option.flag, " WORD");
    help += concat(": ", option.placeholder);
  }
  left.resize(std::max(kColumn, left.size() + 1), ' ');
  return concat(left, wrapped(help + shown_default(option), left.size()), "\n");
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
  std::string group;
  bool has_more = false;
  for (const Option& option : table.options()) {
    if (!all && !option.is_common) {
      has_more = true;
      continue;
    }
    if (option.group != group) text += concat("\n", option.group, "\n");
    group = option.group;
    text += line_of(option);
  }
  text += concat("\nExample: ", subcommand.example, "\n");
  if (has_more) text += concat("More options: cohort ", subcommand.name, " --help-all\n");
  return text;
}

}  // namespace cohort::app
