// The program's entry: reads the command line, starts MPI where it is needed, and decides alone how the job
// ends.
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>

#include "cohort/comm/communicator.hpp"
#include "cohort/comm/session.hpp"
#include "cohort/core/clock.hpp"
#include "cohort/core/failure.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/core/visible.hpp"
#include "command_line.hpp"
#include "launcher.hpp"
#include "paths.hpp"
#include "standard_output.hpp"

namespace cohort::app {
namespace {
int code_of(ExitCode code) {
  return static_cast<int>(code);
}

/// A message as people see it: nothing in it steers the terminal, and long lists are cut.
std::string shown(const std::exception& error) {
  return visible_message(cut_list(error.what()));
}

int tell(const Error& error) {
  std::fprintf(stderr, "cohort: error: %s\n", shown(error).c_str());
  return code_of(error.code());
}

int tell(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return code_of(ExitCode::finished);
}

/// Fills in the plan; returns what is wrong with the command line, if anything.
std::optional<Error> read_plan(Plan& plan, std::vector<std::string> arguments, int processes) {
  try {
    read_command_line(plan, std::move(arguments), processes);
    return std::nullopt;
  } catch (const std::exception& e) {
    return as_error(e);
  }
}

/// A subcommand that needs no other rank.
int run_alone(Plan& plan, const std::string& command_line, double started_s) {
  try {
    auto comm = comm::Communicator::self();
    Log log(true);
    log.set_quiet(plan.is_quiet);
    Context context{comm, log, plan.options, command_line, started_s};
    return code_of(plan.command->run(context));
  } catch (const std::exception& e) {
    return tell(as_error(e));
  }
}

/// A subcommand on all ranks. What every rank knows is said once and all ranks end by themselves; anything
/// else may be one rank's own trouble while the others wait for it, so that rank speaks and ends the job.
int run_on_ranks(Plan& plan, const std::optional<Error>& mistake, const comm::Session& session,
                 const std::string& command_line, double started_s) {
  try {
    auto comm = comm::Communicator::world();
    agree_on_command_line(comm, plan, mistake);
    if (plan.text) return comm.is_root() ? tell(*plan.text) : 0;
    if (!plan.subcommand->uses_mpi) return run_alone(plan, command_line, started_s);
    Log log(comm.is_root(), comm.rank());
    log.set_quiet(plan.is_quiet);
    Context context{comm, log, plan.options, command_line, started_s};
    return code_of(plan.command->run(context));
  } catch (const comm::AgreedError& e) {
    session.report_from_root(shown(e));
    return code_of(e.code());
  } catch (const std::exception& e) {
    const Error error = as_error(e);
    session.report(shown(error));
    session.abort(code_of(error.code()));
  }
}
}  // namespace
}  // namespace cohort::app

namespace {
/// The whole program but for its last word.
int run_program(int argc, char** argv) {
  using namespace cohort;
  const double started_s = steady_now_s();
  const std::string command_line = app::as_typed(argc, argv);
  // A file-size limit becomes an error that says which file, not a silent death.
  std::signal(SIGXFSZ, SIG_IGN);
  app::Plan plan;
  const int processes = app::launched_processes();
  const std::optional<Error> mistake =
      app::read_plan(plan, std::vector<std::string>(argv + 1, argv + argc), processes);
  if (processes == 1) {
    if (mistake) return app::tell(*mistake);
    if (plan.text) return app::tell(*plan.text);
    if (!plan.subcommand->uses_mpi) return app::run_alone(plan, command_line, started_s);
  }
  // Before MPI: the default action of SIGUSR1 kills.
  if (!mistake && !plan.text && plan.subcommand->stops_softly) install_stop_handlers();
  try {
    const comm::Session session(argc, argv);
    return app::run_on_ranks(plan, mistake, session, command_line, started_s);
  } catch (const Error& e) {  // MPI did not start
    return app::tell(mistake ? *mistake : e);
  }
}
}  // namespace

int main(int argc, char** argv) {
  const int code = run_program(argc, argv);
  if (code != 0) return code;
  const std::string problem = cohort::app::standard_output_problem();
  return problem.empty() ? 0 : cohort::app::tell(cohort::Error("standard output: " + problem));
}
