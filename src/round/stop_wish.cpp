#include "round/stop_wish.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "cohort/core/clock.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {
namespace {

constexpr auto kTick = std::chrono::milliseconds(250);

}  // namespace

StopWish::~StopWish() {
  close();
  std::error_code ignored;
  if (has_told_) std::filesystem::remove(mark_, ignored);
}

void StopWish::share(std::filesystem::path mark, std::string token) {
  mark_ = std::move(mark);
  token_ = std::move(token);
  watcher_ = std::jthread([this](const std::stop_token& end) { watch(end); });
}

void StopWish::tell_others() {
  if (mark_.empty()) return;
  const std::lock_guard lock(mutex_);  // the watcher may be writing the same file
  has_told_ = true;
  store::write_text_atomically(mark_, token_);
}

bool StopWish::is_there() const {
  return stop_requested() != 0 || is_heard_ || (deadline_s_ > 0 && steady_now_s() >= deadline_s_);
}

bool StopWish::is_marked() const {
  std::error_code error;
  return std::filesystem::exists(mark_, error) && store::read_text(mark_) == token_;
}

void StopWish::watch(const std::stop_token& end) {
  std::unique_lock lock(mutex_);
  while (!end.stop_requested() && !is_heard_) {
    try {
      if (stop_requested() != 0) {
        if (!is_marked()) store::write_text_atomically(mark_, token_);
        return;
      }
      if (is_listening_ && is_marked()) is_heard_ = true;
    } catch (const std::exception&) {
      // A full disk, or a mark that is being replaced: looked at again.
    }
    tick_.wait_for(lock, end, kTick, [] { return false; });
  }
}

}  // namespace cohort::round
