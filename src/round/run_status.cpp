#include "round/run_status.hpp"

#include <chrono>
#include <exception>

namespace cohort::round {

Json status_json(Json state, const Activity& activity) {
  if (!activity.phase.empty()) state.set("phase", activity.phase);
  if (activity.candidates > 0)
    state.set("member", activity.member)
        .set("candidate", activity.candidate)
        .set("candidates", activity.candidates);
  if (activity.steps > 0) state.set("step", activity.step).set("steps", activity.steps);
  if (activity.images_per_s > 0)
    state.set("images_per_s", activity.images_per_s).set("eta_s", activity.eta_s);
  return state;
}

RunStatus::RunStatus(train::RunFolder& folder, double beat_s) : folder_(folder), beat_s_(beat_s) {}

void RunStatus::say(const Json& state) {
  write(state);
  if (!heart_.joinable()) heart_ = std::jthread([this](const std::stop_token& end) { beat(end); });
}

void RunStatus::note(const Activity& activity) {
  const std::lock_guard lock(mutex_);
  activity_ = activity;
}

void RunStatus::end(const Json& state) {
  close();
  write(state);
}

void RunStatus::write(const Json& state) {
  const std::lock_guard turn(writing_);
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
    activity_ = {};
  }
  folder_.write_status(state);
}

void RunStatus::beat(const std::stop_token& end) {
  while (wait_for_beat(end)) try {
      const std::lock_guard turn(writing_);
      folder_.write_status(now());
    } catch (const std::exception&) {
      // A full disk: what matters will say so; this is tried again.
    }
}

bool RunStatus::wait_for_beat(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  tick_.wait_for(lock, end, std::chrono::duration<double>(beat_s_), [] { return false; });
  return !end.stop_requested();
}

Json RunStatus::now() {
  const std::lock_guard lock(mutex_);
  return status_json(state_, activity_);
}

}  // namespace cohort::round
