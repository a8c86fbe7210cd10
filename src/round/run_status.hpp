// What status.json says of a run of rounds: also while nothing that changes it happens for hours.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "cohort/core/json.hpp"
#include "cohort/train/run_folder.hpp"

namespace cohort::round {

/// What the first group of ranks is doing, for people alone. Of a candidate and its steps only where it
/// trains or audits one.
struct Activity {
  std::string phase;  ///< training, auditing, merging, testing, or waiting for other groups; empty = none
  std::string member = {};
  std::int64_t candidate = 0,
               candidates = 0;         ///< its place among those that this group takes in turn, from 1
  std::int64_t step = 0, steps = 0;    ///< of the candidate's round
  double images_per_s = 0, eta_s = 0;  ///< until this group has trained its candidates; 0 = unknown
};

/// Writes status.json when the state of the run changes, and in every beat until then: from another host
/// nothing else tells a run that lives from one that does not. No result depends on it.
class RunStatus {
 public:
  /// `folder` must outlive this; `beat_s` lies far below the time after which a silent run counts as gone.
  explicit RunStatus(train::RunFolder& folder, double beat_s = 10);
  ~RunStatus() { close(); }
  RunStatus(const RunStatus&) = delete;
  RunStatus& operator=(const RunStatus&) = delete;

  /// Written now, and from now on with every beat. Throws Error when it cannot be written.
  void say(const Json& state);
  /// What goes on within that state: written with the next beat, so that it may be called behind every step.
  void note(const Activity& activity);
  /// Written now, for good. Throws Error when it cannot be written.
  void end(const Json& state);

 private:
  void close() { heart_ = {}; }
  void write(const Json& state);
  void beat(const std::stop_token& end);
  /// False when there are no more beats.
  bool wait_for_beat(const std::stop_token& end);
  [[nodiscard]] Json now();

  train::RunFolder& folder_;
  const double beat_s_;
  Json state_ = Json::object();
  Activity activity_;
  std::mutex writing_;  ///< held over a whole write, which may take long
  std::mutex mutex_;    ///< of what is to be written, held for moments
  std::condition_variable_any tick_;
  std::jthread heart_;  ///< last: ends before what it uses
};

/// The members of an activity that say something, behind those of a state.
Json status_json(Json state, const Activity& activity);

}  // namespace cohort::round
