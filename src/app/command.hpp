// What a subcommand is to the program: it declares its options, is checked before anything starts, and runs.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/log.hpp"
#include "option_table.hpp"

namespace cohort::app {

/// The surroundings of a run, given by main.
struct Context {
  comm::Communicator& comm;
  Log& log;
  const OptionTable& options;
  std::string command_line;  ///< as typed
  double started_s = 0;      ///< steady clock when the process started
};

class Command {
 public:
  virtual ~Command() = default;
  virtual void declare(OptionTable& table) = 0;
  /// After parsing, before MPI: takes the arguments that are no options, the first of which names an action
  /// where the subcommand has some. Throws UsageError with all problems at once; decides the same on every
  /// rank, so it looks at nothing but the options and files all ranks share.
  virtual void check(std::span<const std::string> arguments) = 0;
  virtual ExitCode run(Context& context) = 0;
};

/// One of the things that a subcommand does, where its first argument says which.
struct Action {
  std::string name;
  std::string arguments;  ///< behind the name: "DIR"
  std::string summary;
  std::string example;
};

/// One line of `cohort --help`.
struct Subcommand {
  std::string name;
  std::string usage;  ///< after "cohort "
  std::string summary;
  std::string example;
  bool uses_mpi = false;        ///< runs on all ranks; the others are one process
  bool stops_softly = false;    ///< signals ask for a checkpoint instead of ending the process
  bool takes_job_file = false;  ///< its first argument may be a job file
  std::unique_ptr<Command> (*make)() = nullptr;
  bool is_per_process = false;    ///< under mpirun every process runs it by itself
  std::vector<Action> actions{};  ///< empty: it does one thing
  std::string default_action{};   ///< meant where the first argument names none of them; empty: it must
};

const std::vector<Subcommand>& subcommands();

std::unique_ptr<Command> make_synth();
std::unique_ptr<Command> make_import();
std::unique_ptr<Command> make_train();
std::unique_ptr<Command> make_evaluate();
std::unique_ptr<Command> make_predict();
std::unique_ptr<Command> make_inspect();
std::unique_ptr<Command> make_contribute();
std::unique_ptr<Command> make_coordinate();
std::unique_ptr<Command> make_submission();
std::unique_ptr<Command> make_audit();
std::unique_ptr<Command> make_merge();
std::unique_ptr<Command> make_reward();
std::unique_ptr<Command> make_status();
std::unique_ptr<Command> make_checks();

/// Throws UsageError unless there are from `least` to `most` arguments; `what` names them.
void expect_arguments(std::span<const std::string> arguments, std::size_t least, std::size_t most,
                      const std::string& what);

}  // namespace cohort::app
