#include "cohort/comm/session.hpp"

#include <mpi.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/host.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "comm/mpi_state.hpp"

namespace cohort::comm {
namespace {

/// One call for the whole line, so that ranks sharing a terminal do not mix theirs.
void print_error(std::string_view message) {
  const std::string line = concat("cohort: error: ", message, "\n");
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

bool mpi_is_up() {
  int is_initialized = 0;
  int is_finalized = 0;
  MPI_Initialized(&is_initialized);
  MPI_Finalized(&is_finalized);
  return is_initialized != 0 && is_finalized == 0;
}

std::string words_of_current_exception() {
  const std::exception_ptr current = std::current_exception();
  if (!current) return "the program ended itself without an exception";
  try {
    std::rethrow_exception(current);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

/// Reached by exceptions that leave a thread or a noexcept function; nothing can be unwound any more.
[[noreturn]] void end_after_terminate() {
  constexpr int code = static_cast<int>(ExitCode::internal);
  const bool is_up = mpi_is_up();
  int rank = launcher_rank();
  if (is_up) MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  print_error(concat("rank ", rank, " (", host_name(), "): ", visible_message(words_of_current_exception())));
  if (is_up) MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

/// What Open MPI's mpirun, a PMIx launcher (srun) and a PMI launcher (Hydra, older srun) set for each
/// process.
std::optional<int> rank_from_environment() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    const char* text = std::getenv(name);
    if (const auto rank = text ? parse_int(text) : std::nullopt) return static_cast<int>(*rank);
  }
  return std::nullopt;
}

}  // namespace

Session::Session(int& argc, char**& argv) {
  std::set_terminate(end_after_terminate);
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided), "start MPI");
  if (provided < MPI_THREAD_FUNNELED) {
    throw Error("start MPI: this MPI library does not allow threads beside it; build it with thread support");
  }
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "start MPI");
  check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_), "start MPI");
  check(MPI_Comm_size(MPI_COMM_WORLD, &ranks_), "start MPI");
}

Session::~Session() {
  // Finalizing waits for all ranks; with an exception in flight this one may be the only rank here.
  if (std::uncaught_exceptions() == 0 && mpi_is_up()) MPI_Finalize();
}

void Session::report_from_root(std::string_view message) const {
  if (rank_ == 0) print_error(message);
}

void Session::report(std::string_view message) const {
  print_error(concat("rank ", rank_, " (", host_name(), "): ", message));
}

void Session::abort(int code) const {
  std::fflush(nullptr);
  MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

bool started_by_launcher() {
  return rank_from_environment().has_value();
}

int launcher_rank() {
  return rank_from_environment().value_or(0);
}

std::string library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length), "library version");
  const std::string version(text.data());
  return trim(version.substr(0, version.find('\n')));
}

}  // namespace cohort::comm
