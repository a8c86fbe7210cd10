// What a process can still do once it is confined.
#include "store/hostile_limits.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "store/hostile_calls.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

/// Runs `action` in a confined process; its result is the exit code, a signal that ends it stands below 0.
int confined(const std::function<int()>& action) {
  const pid_t child = fork();
  if (child == 0) std::quick_exit(confine(64 * kMebibyte, 1) ? action() : 100);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

using HostileLimits = FolderTest;

TEST_F(HostileLimits, LeaveNoWayOut) {
  EXPECT_EQ(confined([] { return open("/etc/hostname", O_RDONLY) >= 0; }), 0);
  EXPECT_EQ(confined([] { return open("/tmp", O_TMPFILE | O_RDWR, 0600) >= 0; }), 0);
  EXPECT_EQ(confined([] { return socket(AF_INET, SOCK_STREAM, 0) >= 0; }), 0);
  EXPECT_EQ(confined([] {
              const rlimit more{64, 64};
              return setrlimit(RLIMIT_NOFILE, &more) == 0;
            }),
            0);
  EXPECT_EQ(confined([] {
              return mmap(nullptr, 1024 * kMebibyte, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0) != MAP_FAILED;
            }),
            0);
  EXPECT_EQ(confined([] {
              while (getppid() != 0) continue;
              return 1;
            }),
            -SIGXCPU);
}

/// The system's answer to a call: 0 or an error number.
int error_of(long result) {
  return result < 0 ? errno : 0;
}

TEST_F(HostileLimits, ForbidCallsThatNoReaderNeeds) {
  if (!can_forbid_calls()) GTEST_SKIP() << "this build or system has no filter of system calls";
  const std::string file = path("file"), other = path("other");
  std::ofstream(file) << "kept";
  const char *from = file.c_str(), *to = other.c_str();
  const std::vector<std::pair<const char*, std::function<long()>>> calls{
      {"open to read", [=] { return open(from, O_RDONLY); }},
      {"open to write", [=] { return open(from, O_WRONLY | O_TRUNC); }},
      {"create", [=] { return open(to, O_WRONLY | O_CREAT, 0600); }},
      {"unlink", [=] { return unlink(from); }},
      {"rename", [=] { return rename(from, to); }},
      {"link", [=] { return link(from, to); }},
      {"symlink", [=] { return symlink(from, to); }},
      {"mkdir", [=] { return mkdir(to, 0700); }},
      {"truncate", [=] { return truncate(from, 0); }},
      {"chmod", [=] { return chmod(from, 0); }},
      {"exec",
       [] {
         char* const none[] = {nullptr};
         return execve("/bin/true", none, none);
       }},
      {"fork",
       [] {
         const long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
         if (child == 0) _exit(0);
         return child;
       }},
      {"socket", [] { return socket(AF_INET, SOCK_STREAM, 0); }},
      {"socket of this host", [] { return socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"connect", [] { return connect(STDIN_FILENO, nullptr, 0); }},
      {"close", [] { return close(STDIN_FILENO); }},
      {"clock",
       [] {
         timespec now{};
         return syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
       }},
      {"random numbers",
       [] {
         char byte = 0;
         return syscall(SYS_getrandom, &byte, 1, 0);
       }},
      {"signal to the parent", [self = getpid()] { return kill(self, 0); }},
      {"signal to a thread of another", [self = getpid()] { return syscall(SYS_tgkill, self, self, 0); }},
      {"change of what is allowed", [] { return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr); }},
      {"memory to execute",
       [] {
         void* const memory = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return memory == MAP_FAILED ? -1L : 0L;
       }},
      {"memory made executable",
       [] {
         void* const memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return static_cast<long>(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
       }},
  };
  for (const auto& [name, call] : calls)
    EXPECT_EQ(confined([&function = call] { return error_of(function()); }), EPERM) << name;
  EXPECT_EQ(names_in(folder()), std::set<std::string>{"file"});
  std::string text;
  std::ifstream(file) >> text;
  EXPECT_EQ(text, "kept");
}

TEST_F(HostileLimits, LeaveWhatAReaderNeeds) {
  if (!can_forbid_calls()) GTEST_SKIP() << "this build or system has no filter of system calls";
  EXPECT_EQ(confined([] {
              for (int turn = 0; turn < 4; ++turn) {
                std::vector<char> some(16 * kMebibyte, 'x');  // comes from the system, and goes back to it
                some.resize(24 * kMebibyte);
                if (some.front() != 'x') return 1;
              }
              try {
                throw std::runtime_error("caught");
              } catch (const std::exception&) {
                return write(STDERR_FILENO, "", 0) == 0 ? 0 : 2;
              }
            }),
            0);
  EXPECT_EQ(confined([]() -> int { std::abort(); }), -SIGABRT);
  EXPECT_EQ(confined([]() -> int { std::exit(7); }), 7);
}

}  // namespace
}  // namespace cohort::store
