#include "command_line.hpp"

#include <algorithm>
#include <filesystem>

#include "cohort/core/text.hpp"
#include "help.hpp"
#include "job_file.hpp"
#include "shell_words.hpp"

namespace cohort::app {
namespace {
constexpr std::size_t kMostTakers = 3;  ///< of an option, that are named

const Subcommand& find_subcommand(const std::string& name) {
  std::vector<std::string> names;
  for (const Subcommand& subcommand : subcommands()) {
    if (subcommand.name == name) return subcommand;
    names.push_back(subcommand.name);
  }
  const auto near = nearest_name(name, names);
  throw UsageError(concat("unknown command '", name, "'",
                          near ? concat("; did you mean '", *near, "'?") : "; see cohort --help"));
}

/// The action that the first argument names, or the default one; nothing where the subcommand has none, or
/// (with `wants_help`) where no argument says which.
const Action* find_action(const Subcommand& subcommand, const std::string& first, bool wants_help) {
  if (subcommand.actions.empty() || (first.empty() && wants_help)) return nullptr;
  std::vector<std::string> names;
  for (const Action& action : subcommand.actions) names.push_back(action.name);
  for (const std::string& wanted : {first, subcommand.default_action})
    if (const auto at = std::ranges::find(names, wanted); at != names.end())
      return &subcommand.actions[static_cast<std::size_t>(at - names.begin())];
  throw UsageError(concat("cohort ", subcommand.name, ": ",
                          first.empty() ? "no action is named"
                                        : concat("unknown action '", first, "'", did_you_mean(first, names)),
                          "; expected ", joined(names, ", ")));
}

/// ", which cohort import and synth take" of a flag; nothing where no other subcommand has it.
std::string takers_of(std::string_view flag, const Subcommand& asked) {
  std::vector<std::string> takers;
  for (const Subcommand& other : subcommands()) {
    if (other.name == asked.name) continue;
    const std::unique_ptr<Command> command = other.make();
    OptionTable table;
    command->declare(table);
    if (std::ranges::count(table.options(), flag, &Option::flag) > 0) takers.push_back(other.name);
  }
  if (takers.empty()) return "";
  if (takers.size() == 1) return concat(", which cohort ", takers.front(), " takes");
  const std::string last = takers.size() > kMostTakers ? "others" : takers.back();
  takers.resize(std::min(takers.size() - 1, kMostTakers));
  return concat(", which cohort ", joined(takers, ", "), " and ", last, " take");
}

/// What is for other actions is a mistake, never ignored.
void refuse_foreign_options(const Subcommand& subcommand, const Action& action, const OptionTable& options) {
  const std::vector<std::string> foreign = options.given_but_foreign_to(action.name);
  if (foreign.empty()) return;
  throw UsageError(concat(subcommand.name, " ", action.name, " takes no ", joined(foreign, ", "),
                          "; see cohort help ", subcommand.name, " ", action.name));
}

bool contains(const std::vector<std::string>& arguments, const char* word) {
  return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

/// Several processes would write the same files, or say the same several times.
void refuse_launcher(const Subcommand& subcommand, int processes) {
  if (processes > 1 && !subcommand.uses_mpi && !subcommand.is_per_process)
    throw UsageError(concat("cohort ", subcommand.name, " is one process, but ", processes,
                            " were started: run it without mpirun"));
}

/// What one rank tells the others: what it will run, and what is wrong with its command line.
struct Word {
  std::string command;
  int code = 0;
  std::string mistake;
};

std::string packed(const Word& word) {
  return concat(word.command, '\n', word.code, '\n', word.mistake);
}

Word unpacked(const std::string& text) {
  const std::size_t first = text.find('\n'), second = text.find('\n', first + 1);
  return {text.substr(0, first),
          static_cast<int>(parse_int(text.substr(first + 1, second - first - 1)).value_or(0)),
          text.substr(second + 1)};
}
}  // namespace

void read_command_line(Plan& plan, std::vector<std::string> arguments, int processes) {
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h" ||
      (arguments.front() == "help" && arguments.size() == 1)) {
    plan.text = program_help();
    return;
  }
  if (arguments.front() == "--version" || arguments.front() == "version") {
    plan.text = "cohort " COHORT_VERSION "\n";
    return;
  }
  const bool is_help = arguments.front() == "help";
  if (is_help) arguments.erase(arguments.begin());
  plan.subcommand = &find_subcommand(arguments.front());
  arguments.erase(arguments.begin());
  plan.command = plan.subcommand->make();
  plan.command->declare(plan.options);
  plan.options.begin_group("Other");
  std::filesystem::path job_file;
  bool ignored = false;
  const auto& declared = plan.options.options();
  const bool has_keys =
      std::any_of(declared.begin(), declared.end(), [](const Option& option) { return !option.key.empty(); });
  if (has_keys)
    plan.options.path("job", "", "FILE", job_file, "job file in TOML; the command line wins over it");
  plan.options.toggle("quiet", "", plan.is_quiet, "only warnings and results");
  plan.options.toggle("help", "", ignored, "this text");
  plan.options.toggle("help-all", "", ignored, "all options");
  const bool wants_all = contains(arguments, "--help-all");
  const bool wants_help = is_help || wants_all || contains(arguments, "--help") || contains(arguments, "-h");
  const std::string first = plan.options.peek(arguments, "");
  const Action* action = find_action(*plan.subcommand, first, wants_help);
  if (wants_help) {
    plan.text = action != nullptr ? action_help(*plan.subcommand, *action, plan.options, wants_all)
                                  : command_help(*plan.subcommand, plan.options, wants_all);
    return;
  }
  refuse_launcher(*plan.subcommand, processes);
  std::string job = plan.options.peek(arguments, "job");
  const bool is_first = plan.subcommand->takes_job_file && job.empty() && first.ends_with(".toml");
  if (is_first) job = first;
  const std::vector<JobEntry> entries = job.empty() ? std::vector<JobEntry>() : read_job_file(job);
  const auto elsewhere = [&](std::string_view flag) { return takers_of(flag, *plan.subcommand); };
  std::vector<std::string> rest = plan.options.apply(arguments, entries, elsewhere);
  if (is_first) rest.erase(rest.begin());
  if (action != nullptr) {
    refuse_foreign_options(*plan.subcommand, *action, plan.options);
    if (first != action->name) rest.insert(rest.begin(), action->name);
  }
  plan.command->check(rest);
}

void agree_on_command_line(comm::Communicator& comm, const Plan& plan, const std::optional<Error>& mistake) {
  Word mine{plan.subcommand ? plan.subcommand->name : "help", 0, ""};
  if (plan.text) mine.command = "help";
  if (mistake) mine = {mine.command, static_cast<int>(mistake->code()), mistake->what()};
  std::vector<Word> words;
  for (const std::string& text : comm.all_gather(packed(mine))) words.push_back(unpacked(text));
  const auto failed =
      std::find_if(words.begin(), words.end(), [](const Word& word) { return word.code != 0; });
  if (failed != words.end()) {
    const bool is_common = std::all_of(words.begin(), words.end(),
                                       [&](const Word& word) { return word.mistake == failed->mistake; });
    const std::string who = is_common ? "" : concat("command line of rank ", failed - words.begin(), ": ");
    throw comm::AgreedError(who + failed->mistake, static_cast<ExitCode>(failed->code));
  }
  for (std::size_t rank = 1; rank < words.size(); ++rank)
    if (words[rank].command != words[0].command)
      throw comm::AgreedError(concat("rank ", rank, " was started with 'cohort ", words[rank].command,
                                     "' where rank 0 has 'cohort ", words[0].command,
                                     "'; start every rank with the same command"),
                              ExitCode::usage);
}

std::string as_typed(int argc, char** argv) {
  std::string line = "cohort";
  for (int i = 1; i < argc; ++i) line += " " + shell_word(std::string_view(argv[i]));
  return line;
}

}  // namespace cohort::app
