// The exceptions every module throws, each with the exit code that the program ends with.
#pragma once

#include <stdexcept>
#include <string>

namespace cohort {

/// How the process ends; documented in README.md.
enum class ExitCode : int {
  finished = 0,
  failed = 1,
  usage = 2,
  data_refused = 3,
  checkpoint_mismatch = 4,
  metric_not_reached = 5,
  internal = 70,
  stopped_with_checkpoint = 85,
};

/// A failure of the outside world or of a run: what was being done, what went wrong, what to try.
class Error : public std::runtime_error {
 public:
  /// `message` says what was being done, what went wrong and what to try, in one line.
  explicit Error(const std::string& message, ExitCode code = ExitCode::failed)
      : std::runtime_error(message), code_(code) {}
  /// What the program ends with when nobody catches this.
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A bad command line, job file or combination of options; the same on every rank.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(message, ExitCode::usage) {}
};

/// Data that cannot be accepted: unreadable, inconsistent, tampered with.
class DataError : public Error {
 public:
  explicit DataError(const std::string& message) : Error(message, ExitCode::data_refused) {}
};

/// A checkpoint that is unreadable or does not belong to this run.
class CheckpointError : public Error {
 public:
  explicit CheckpointError(const std::string& message) : Error(message, ExitCode::checkpoint_mismatch) {}
};

/// Throws std::logic_error: for invariants of our own code, not for input.
void require(bool condition, const char* message);

}  // namespace cohort
