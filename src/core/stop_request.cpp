#include "cohort/core/stop_request.hpp"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

// A handler can reach nothing but statics: the one state of the process that is not passed by reference.
std::atomic<int> requested_signal{0};
std::atomic<std::int64_t> last_interrupt_ns{INT64_MIN};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

constexpr std::int64_t kSecondInterrupt_ns = 5'000'000'000;

std::int64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);  // async-signal-safe
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void request_stop(int signal_number) {
  int none = 0;
  requested_signal.compare_exchange_strong(none, signal_number);
}

extern "C" void cohort_handle_stop_signal(int signal_number) {
  request_stop(signal_number);
  if (signal_number != SIGINT) return;
  const std::int64_t now_ns = monotonic_ns();
  const std::int64_t previous_ns = last_interrupt_ns.exchange(now_ns);
  if (previous_ns != INT64_MIN && now_ns - previous_ns <= kSecondInterrupt_ns) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);  // delivered when this handler returns
  }
}

void install(int signal_number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  if (sigaction(signal_number, &action, nullptr) != 0)
    throw Error("install signal handlers: sigaction failed");
}

}  // namespace

void install_stop_handlers() {
  for (const int signal_number : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) {
    install(signal_number, cohort_handle_stop_signal);
  }
  install(SIGHUP, SIG_IGN);
}

int stop_requested() {
  return requested_signal.load();
}

}  // namespace cohort
