// Whether a run of rounds should end now: a signal to any of its processes is everybody's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

namespace cohort::round {

/// A process's wish to stop, and what it hears of the others'. Within a group of ranks wishes travel with the
/// steps; groups do not speak to one another before all of them are done, so a process that gets a signal
/// leaves a mark in the run folder, even while it waits for others. So does a group that has failed.
class StopWish {
 public:
  /// `deadline_s`: steady clock at which every process stops, 0 = never.
  explicit StopWish(double deadline_s) : deadline_s_(deadline_s) {}
  /// Takes back the mark that tell_others left: by then all have come together.
  ~StopWish();
  StopWish(const StopWish&) = delete;
  StopWish& operator=(const StopWish&) = delete;

  /// From now on a signal to this process makes it write `token` to the file `mark`, within half a second.
  /// Marks with another token, of earlier starts, mean nothing.
  void share(std::filesystem::path mark, std::string token);
  /// Writes and hears no marks any more.
  void close() { watcher_ = {}; }
  /// Leaves the mark now. Does nothing before share(); throws Error when the mark cannot be written.
  void tell_others();
  /// Whether marks of other processes are looked for; one process of a group is enough.
  void listen(bool is_listening) { is_listening_ = is_listening; }
  /// Costs no more than a look at the clock: may be asked at every step.
  [[nodiscard]] bool is_there() const;

 private:
  void watch(const std::stop_token& end);
  [[nodiscard]] bool is_marked() const;

  const double deadline_s_;
  std::filesystem::path mark_;
  std::string token_;
  bool has_told_ = false;
  std::atomic<bool> is_listening_ = false, is_heard_ = false;
  std::mutex mutex_;
  std::condition_variable_any tick_;
  std::jthread watcher_;  ///< last: ends before what it uses
};

}  // namespace cohort::round
