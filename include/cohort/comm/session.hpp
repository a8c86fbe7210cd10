// The life of MPI in this process: start, report of failure, end.
#pragma once

#include <string>
#include <string_view>

namespace cohort::comm {

/// Initialises MPI (MPI_THREAD_FUNNELED) and finalizes it unless an exception is in flight or abort was
/// called.
///
/// A process started without mpirun is a world of one rank; MPI_Init is then still called, so that both give
/// the same result. Installs a terminate handler that prints one error line and ends the job with code 70.
class Session {
 public:
  Session(int& argc, char**& argv);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int ranks() const { return ranks_; }

  /// Prints "cohort: error: <message>" on the root only: for failures that every rank knows of.
  void report_from_root(std::string_view message) const;
  /// Prints "cohort: error: rank R (host): <message>" on this rank: for failures perhaps of this rank alone.
  void report(std::string_view message) const;
  /// Ends all ranks with `code`; does not return.
  [[noreturn]] void abort(int code) const;

 private:
  int rank_ = 0;
  int ranks_ = 1;
};

/// True when a launcher (mpirun, srun) started this process; read from its environment, before MPI starts.
bool started_by_launcher();
/// The launcher's rank of this process before MPI starts, or 0.
int launcher_rank();

/// "Open MPI v4.1.4, …", one line.
std::string library_version();

}  // namespace cohort::comm
