#include "reading_guard.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <new>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"
#include "cohort/store/own_limits.hpp"

namespace cohort::app {
namespace {

/// One line, ready before it is needed.
struct LastWords {
  std::array<char, 2 * kLongestShownLine> text{};
  std::size_t bytes = 0;

  void set(const std::string& line) {
    bytes = std::min(line.size(), text.size());
    std::copy_n(line.begin(), bytes, text.begin());
  }
};

// A handler can reach nothing but statics. It must not allocate: memory may be what is broken.
LastWords when_busy, when_greedy, when_broken;
// Where a handler runs when the stack is used up.
alignas(16) std::array<std::byte, std::size_t{64} << 10> handler_stack;

/// Safe in handlers of signals.
[[noreturn]] void say_and_end(const LastWords& words) {
  for (std::size_t done = 0; done < words.bytes;) {
    const ssize_t count = ::write(STDERR_FILENO, words.text.data() + done, words.bytes - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  ::_exit(static_cast<int>(ExitCode::data_refused));
}

extern "C" void cohort_end_reading(int signal_number) {
  say_and_end(signal_number == SIGXCPU ? when_busy : when_broken);
}

[[noreturn]] void end_growing() {
  say_and_end(when_greedy);
}

void prepare_last_words(std::string_view command, const std::filesystem::path& file) {
  const auto prepare = [&](LastWords& words, std::string_view what) {
    const std::string message =
        concat(command, " ", file.string(), ": ", what,
               ": the file is damaged or made to do so; take it from a copy you trust");
    words.set(concat("cohort: error: ", visible_message(message), "\n"));
  };
  prepare(when_busy, "reading it used up the processor time that a file of its size can need");
  prepare(when_greedy, "reading it takes more memory than a file of its size can need");
  prepare(when_broken, "this program broke down while it read it");
}

void install_handlers() {
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  struct sigaction action {};
  action.sa_handler = cohort_end_reading;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  bool is_installed = ::sigaltstack(&stack, nullptr) == 0;
  for (const int number : {SIGXCPU, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL})
    is_installed = ::sigaction(number, &action, nullptr) == 0 && is_installed;
  if (!is_installed) throw Error("prepare to read a file of unknown origin: no signal handlers");
  std::set_new_handler(end_growing);
}

/// How long the files may become that standard output and error lead to; nothing where they lead to none.
std::uint64_t output_bytes() {
  constexpr std::uint64_t most_said = std::uint64_t{64} << 20;
  std::uint64_t most = 0;
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status {};
    if (::fstat(output, &status) == 0 && S_ISREG(status.st_mode))
      most = std::max(most, static_cast<std::uint64_t>(status.st_size) + most_said);
  }
  return most;
}

/// A file is read a few times at most (its tensors, their canonical form, their digest), at much more than
/// this speed. Where it is damaged the checkpoints beside it are read too, which the least is enough for.
store::OwnLimits limits_for(std::uint64_t file_bytes) {
  constexpr double least_cpu_s = 60, slowest_bytes_per_s = 16 << 20;
  constexpr std::uint64_t least_memory = std::uint64_t{1} << 30, copies = 4;
  store::OwnLimits limits;
  limits.cpu_s = least_cpu_s + static_cast<double>(file_bytes) / slowest_bytes_per_s;
  limits.more_memory_bytes = least_memory + copies * std::min(file_bytes, std::uint64_t{1} << 50);
  limits.written_bytes = output_bytes();
  return limits;
}

}  // namespace

void guard_reading(std::string_view command, const std::filesystem::path& file) {
  prepare_last_words(command, file);
  install_handlers();
  store::limit_own_process(limits_for(std::filesystem::file_size(file)));
}

}  // namespace cohort::app
