#include "cohort/core/thread_team.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort {

struct ThreadTeam::State {
  std::mutex mutex;
  std::condition_variable started, finished;
  std::uint64_t round = 0;  ///< counts calls of run(); a thread that sees a new one joins in
  int busy = 0;             ///< threads that have not yet left the current round
  bool quitting = false;
  std::exception_ptr failure;

  const std::function<void(int, std::int64_t)>* task = nullptr;
  std::int64_t count = 0;
  std::atomic<std::int64_t> next{0};

  std::function<void()> prepare;
  std::vector<std::thread> threads;

  ~State() {
    {
      const std::lock_guard lock(mutex);
      quitting = true;
    }
    started.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void take_tasks(int thread) {
    for (std::int64_t index = next.fetch_add(1); index < count; index = next.fetch_add(1)) {
      try {
        (*task)(thread, index);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next.store(count);  // nobody starts another task
      }
    }
  }

  void serve(int thread) {
    if (prepare) prepare();
    std::uint64_t seen = 0;
    for (;;) {
      {
        std::unique_lock lock(mutex);
        started.wait(lock, [&] { return quitting || round != seen; });
        if (quitting) return;
        seen = round;
      }
      take_tasks(thread);
      const std::lock_guard lock(mutex);
      if (--busy == 0) finished.notify_one();
    }
  }
};

ThreadTeam::ThreadTeam(int threads, std::function<void()> prepare) : state_(std::make_unique<State>()) {
  if (threads < 1) throw UsageError(concat("threads: at least 1 is needed, got ", threads));
  state_->prepare = std::move(prepare);
  if (state_->prepare) state_->prepare();
  state_->threads.reserve(static_cast<std::size_t>(threads - 1));
  for (int thread = 1; thread < threads; ++thread)
    state_->threads.emplace_back([state = state_.get(), thread] { state->serve(thread); });
}

ThreadTeam::~ThreadTeam() = default;

void ThreadTeam::run(std::int64_t count, const std::function<void(int, std::int64_t)>& task) {
  State& state = *state_;
  {
    const std::lock_guard lock(state.mutex);
    state.task = &task;
    state.count = count;
    state.next.store(0);
    state.busy = static_cast<int>(state.threads.size());
    ++state.round;
  }
  state.started.notify_all();
  state.take_tasks(0);

  std::unique_lock lock(state.mutex);
  state.finished.wait(lock, [&] { return state.busy == 0; });
  state.task = nullptr;
  if (const std::exception_ptr failure = std::exchange(state.failure, nullptr))
    std::rethrow_exception(failure);
}

int ThreadTeam::threads() const {
  return static_cast<int>(state_->threads.size()) + 1;
}

}  // namespace cohort
