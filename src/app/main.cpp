// The program's entry: reads the command line, starts MPI where it is needed, and decides alone how the job
// ends.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <optional>
#include <system_error>

#include "cohort/comm/agree.hpp"
#include "cohort/comm/session.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/core/text.hpp"
#include "command.hpp"
#include "help.hpp"
#include "job_file.hpp"

namespace cohort::app {
namespace {
/// What the command line asks for. `text` is set when it only asks for words.
struct Plan {
  const Subcommand* subcommand = nullptr;
  std::unique_ptr<Command> command;
  OptionTable options;
  std::optional<std::string> text;
  bool is_quiet = false;
};

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

bool contains(const std::vector<std::string>& arguments, const char* word) {
  return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

/// Reads everything before MPI starts, so that mistakes and help cost nothing. Throws UsageError.
void read_command_line(Plan& plan, std::vector<std::string> arguments) {
  if (arguments.empty() || arguments.front() == "--help" || arguments.front() == "-h" ||
      (arguments.front() == "help" && arguments.size() == 1)) {
    plan.text = program_help();
    return;
  }
  if (arguments.front() == "--version" || arguments.front() == "version") {
    plan.text = "cohort " COHORT_VERSION "\n";
    return;
  }
  const bool wants_help = arguments.front() == "help";
  if (wants_help) arguments.erase(arguments.begin());
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
  if (wants_help || contains(arguments, "--help") || contains(arguments, "-h") ||
      contains(arguments, "--help-all")) {
    plan.text = command_help(*plan.subcommand, plan.options, contains(arguments, "--help-all"));
    return;
  }
  std::string job = plan.options.peek(arguments, "job");
  const std::string first = plan.options.peek(arguments, "");
  const bool is_first = plan.subcommand->takes_job_file && job.empty() && first.ends_with(".toml");
  if (is_first) job = first;
  const std::vector<JobEntry> entries = job.empty() ? std::vector<JobEntry>() : read_job_file(job);
  std::vector<std::string> rest = plan.options.apply(arguments, entries);
  if (is_first) rest.erase(rest.begin());
  plan.command->check(rest);
}

std::string as_typed(int argc, char** argv) {
  std::string line = "cohort";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool is_plain = !word.empty() && word.find_first_of(" \t\n'\"\\$`*?;&|<>()") == std::string::npos;
    line += is_plain ? concat(" ", word) : concat(" '", word, "'");
  }
  return line;
}

int code_of(ExitCode code) {
  return static_cast<int>(code);
}

void print_error(const std::string& message) {
  std::fprintf(stderr, "cohort: error: %s\n", message.c_str());
}

/// What an exception that is none of ours means: the outside world, or a mistake in this program.
Error as_error(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return Error("out of memory; use fewer threads, a smaller micro-batch or more ranks");
  if (dynamic_cast<const std::system_error*>(&e) != nullptr) return Error(e.what());
  return Error(concat("internal: ", e.what()), ExitCode::internal);
}

/// A subcommand that never starts MPI.
int run_alone(Plan& plan, const std::string& command_line, double started_s) {
  try {
    auto comm = comm::Communicator::self();
    Log log(true);
    log.set_quiet(plan.is_quiet);
    Context context{comm, log, plan.options, command_line, started_s};
    return code_of(plan.command->run(context));
  } catch (const Error& e) {
    print_error(e.what());
    return code_of(e.code());
  } catch (const std::exception& e) {
    print_error(as_error(e).what());
    return code_of(as_error(e).code());
  }
}

/// A subcommand on all ranks. What every rank knows is said once and all ranks end by themselves; anything
/// else may be one rank's own trouble while the others wait for it, so that rank speaks and ends the job.
int run_on_ranks(Plan& plan, const comm::Session& session, const std::string& command_line,
                 double started_s) {
  try {
    auto comm = comm::Communicator::world();
    Log log(comm.is_root(), comm.rank());
    log.set_quiet(plan.is_quiet);
    Context context{comm, log, plan.options, command_line, started_s};
    return code_of(plan.command->run(context));
  } catch (const comm::AgreedError& e) {
    session.report_from_root(e.what());
    return code_of(e.code());
  } catch (const Error& e) {
    session.report(e.what());
    session.abort(code_of(e.code()));
  } catch (const std::exception& e) {
    session.report(as_error(e).what());
    session.abort(code_of(as_error(e).code()));
  }
}
}  // namespace
}  // namespace cohort::app

int main(int argc, char** argv) {
  using namespace cohort;
  const double started_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  const std::string command_line = app::as_typed(argc, argv);
  // A file-size limit becomes an error that says which file, not a silent death.
  std::signal(SIGXFSZ, SIG_IGN);
  app::Plan plan;
  try {
    app::read_command_line(plan, std::vector<std::string>(argv + 1, argv + argc));
  } catch (const Error& e) {
    if (comm::launcher_rank() == 0) app::print_error(e.what());
    return app::code_of(e.code());
  } catch (const std::exception& e) {
    app::print_error(app::as_error(e).what());
    return app::code_of(app::as_error(e).code());
  }
  if (plan.text) {
    if (comm::launcher_rank() == 0) std::fputs(plan.text->c_str(), stdout);
    return 0;
  }
  if (!plan.subcommand->uses_mpi) return app::run_alone(plan, command_line, started_s);
  // Before MPI: the default action of SIGUSR1 kills.
  if (plan.subcommand->stops_softly) install_stop_handlers();
  try {
    const comm::Session session(argc, argv);
    return app::run_on_ranks(plan, session, command_line, started_s);
  } catch (const Error& e) {  // MPI did not start
    app::print_error(e.what());
    return app::code_of(e.code());
  }
}
