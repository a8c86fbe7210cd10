#include "store/hostile_process.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "cohort/store/hostile_reader.hpp"

namespace cohort::store {
namespace {

[[noreturn]] void fail(std::string_view what, int error, std::string_view hint = "") {
  throw Error(
      concat("start a process that reads strangers' files: ", what, ": ", describe_errno(error), hint));
}

/// The same file under a number that cannot be one of the standard three, even where those were closed.
Descriptor above_standard(Descriptor file, std::string_view what) {
  if (!file.is_open()) fail(what, errno);
  Descriptor moved(::fcntl(file.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved.is_open()) fail(what, errno);
  return moved;
}

/// A file without a name, at its beginning; unlike a pipe it never makes the writer wait or be signalled.
Descriptor file_of(std::string_view text) {
  Descriptor file = above_standard(Descriptor(::memfd_create("request", MFD_CLOEXEC)), "memfd_create");
  while (!text.empty()) {
    const ssize_t count = ::write(file.get(), text.data(), text.size());
    if (count < 0 && errno != EINTR) fail("write", errno);
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) fail("lseek", errno);
  return file;
}

struct FileActions {
  FileActions() { ::posix_spawn_file_actions_init(&value); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&value); }
  posix_spawn_file_actions_t value{};
};

struct Attributes {
  Attributes() { ::posix_spawnattr_init(&value); }
  ~Attributes() { ::posix_spawnattr_destroy(&value); }
  posix_spawnattr_t value{};
};

/// Nothing of ours but where shared libraries are found and, in such builds, what sanitizers are told: no
/// launcher's variables, no settings of libraries.
std::vector<std::string> environment() {
  constexpr std::array<std::string_view, 3> kept{"LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "UBSAN_OPTIONS="};
  std::vector<std::string> variables{"LC_ALL=C"};
  for (char** variable = environ; *variable != nullptr; ++variable)
    for (const std::string_view name : kept)
      if (std::string_view(*variable).starts_with(name)) variables.emplace_back(*variable);
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// Launchers and terminals send them to whole groups of processes. They are for the parent to decide on: a
/// child that died of one would look as if the file had killed it.
sigset_t requests_to_stop() {
  sigset_t requests;
  sigemptyset(&requests);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&requests, number);
  return requests;
}

pid_t spawn(const std::filesystem::path& program, int input, int output) {
  FileActions actions;
  ::posix_spawn_file_actions_adddup2(&actions.value, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions.value, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions.value, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  Attributes attributes;  // signals as in a fresh program, whatever this one has done to them
  sigset_t all;
  sigfillset(&all);
  const sigset_t requests = requests_to_stop();
  ::posix_spawnattr_setsigdefault(&attributes.value, &all);
  ::posix_spawnattr_setsigmask(&attributes.value, &requests);
  ::posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  const std::string& path = program.native();
  std::vector<std::string> arguments{path};
  std::vector<std::string> variables = environment();
  pid_t child = -1;
  const int error = ::posix_spawn(&child, path.c_str(), &actions.value, &attributes.value,
                                  pointers(arguments).data(), pointers(variables).data());
  if (error == ENOENT) fail(path, error, "; it belongs beside the program: build or install both");
  if (error != 0) fail(path, error);
  return child;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

std::filesystem::path hostile_reader_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) fail("/proc/self/exe", error.value());
  return self.parent_path() / "cohort-reader";
}

HostileProcess::HostileProcess(const std::filesystem::path& program, std::string_view request, double wall_s)
    : output_(-1), deadline_(std::chrono::steady_clock::now()) {
  deadline_ += std::chrono::milliseconds(static_cast<std::int64_t>(wall_s * 1000));
  const Descriptor input = file_of(request);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe", errno);
  Descriptor read_end(ends[0]), write_end(ends[1]);
  output_ = above_standard(std::move(read_end), "pipe");
  const Descriptor answer = above_standard(std::move(write_end), "pipe");
  child_ = spawn(program, input.get(), answer.get());
}

HostileProcess::~HostileProcess() {
  if (child_ > 0) ::kill(child_, SIGKILL);
  end();
}

bool HostileProcess::wait_for_output() {
  while (!is_late_) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    pollfd file{output_.get(), POLLIN, 0};
    // In slices of a minute, since a limit of days would not fit.
    const auto slice = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
    const int ready = ::poll(&file, 1, slice);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) fail("poll", errno);
    is_late_ = left.count() <= 0;
  }
  return false;
}

bool HostileProcess::hear(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    if (!wait_for_output()) return false;
    const ssize_t count = ::read(output_.get(), bytes.data(), bytes.size());
    if (count == 0) return false;
    if (count < 0 && errno != EINTR) fail("read", errno);
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

bool HostileProcess::is_silent() {
  std::byte more{};
  return !hear(std::span(&more, 1)) && !is_late_;
}

int HostileProcess::end() {
  if (child_ <= 0) return -1;
  // Closed output with a process that lives on is no case of ours, but must not make us wait for ever.
  int status = 0;
  pid_t reaped = 0;
  rusage used{};
  while ((reaped = ::wait4(child_, &status, WNOHANG, &used)) == 0 || (reaped < 0 && errno == EINTR)) {
    if (std::chrono::steady_clock::now() >= deadline_) {
      is_late_ = true;
      ::kill(child_, SIGKILL);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  child_ = -1;
  cpu_s_ = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
  return reaped < 0 ? -1 : status;
}

}  // namespace cohort::store
