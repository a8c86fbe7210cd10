#include "reading_guard.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <new>
#include <vector>

#include "support/tiny_run.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

constexpr int kRefused = 3;

struct End {
  int code = -1;     ///< of a process that ended by itself
  std::string said;  ///< on standard error
};

class ReadingGuard : public ::testing::Test {
 protected:
  ReadingGuard() { std::ofstream(file_) << "small"; }

  /// How a process ends that reads the file by `action`, with little processor time.
  [[nodiscard]] End end_of(const std::function<void()>& action) const {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return {};
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      rlimit time{};
      getrlimit(RLIMIT_CPU, &time);
      time.rlim_cur = 1;
      setrlimit(RLIMIT_CPU, &time);
      guard_reading("inspect", file_);
      action();
      _exit(0);
    }
    close(ends[1]);
    End end;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 0; (count = read(ends[0], buffer.data(), buffer.size())) > 0;)
      end.said.append(buffer.data(), static_cast<std::size_t>(count));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
    return end;
  }
  void expect_refusal(const End& end, const std::string& words) const {
    EXPECT_EQ(end.code, kRefused) << words;
    EXPECT_TRUE(end.said.starts_with("cohort: error: inspect " + file_.string() + ": ")) << end.said;
    EXPECT_NE(end.said.find(words), std::string::npos) << end.said;
    EXPECT_EQ(end.said.find('\n'), end.said.size() - 1) << "more than a line: " << end.said;
  }

  const tests::TemporaryFolder folder_{"guard"};
  const fs::path file_ = folder_.path() / "a file.h5";
};

/// Uses up the stack; `depth` keeps it from being a loop.
int dive(volatile int* depth) {
  std::array<volatile char, 4096> room{};
  room[0] = static_cast<char>(*depth);
  return *depth < 0 ? 0 : dive(depth) + room[0];
}

TEST_F(ReadingGuard, LetsAnOrdinaryReadingPass) {
  const End end = end_of([] { std::vector<char>(std::size_t{64} << 20, 'x'); });
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.said, "");
}

TEST_F(ReadingGuard, EndsWhatComputesWithoutEnd) {
  expect_refusal(end_of([] {
                   while (getppid() != 0) continue;
                 }),
                 "processor time");
}

/// A sanitizer's allocator has an end of its own for what does not fit: so the limit and the words apart.
TEST_F(ReadingGuard, EndsWhatTakesTooMuchMemory) {
  const End mapped = end_of([] {
    void* const memory =
        mmap(nullptr, std::size_t{8} << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    _exit(memory == MAP_FAILED ? 7 : 0);
  });
  EXPECT_EQ(mapped.code, 7);
  expect_refusal(end_of([] { std::get_new_handler()(); }), "more memory");
}

TEST_F(ReadingGuard, EndsWhatBreaksDown) {
  expect_refusal(end_of([] { std::raise(SIGSEGV); }), "broke down");
  expect_refusal(end_of([] { std::abort(); }), "broke down");
}

TEST_F(ReadingGuard, EndsWhatUsesUpItsStack) {
  expect_refusal(end_of([] {
                   volatile int depth = 1;
                   std::exit(dive(&depth));
                 }),
                 "broke down");
}

TEST_F(ReadingGuard, LetsNoOtherFileBeWritten) {
  const fs::path other = folder_.path() / "other";
  EXPECT_EQ(end_of([&] {
              std::signal(SIGXFSZ, SIG_IGN);  // as the program does
              std::ofstream(other) << "something" << std::flush;
            }).code,
            0);
  EXPECT_TRUE(!fs::exists(other) || fs::file_size(other) == 0);
}

TEST_F(ReadingGuard, ShowsNamesWithoutSteeringTheTerminal) {
  const fs::path odd = folder_.path() / "a\x1b[2J\nb.h5";
  std::ofstream(odd) << "small";
  const End end = end_of([&] {
    guard_reading("inspect", odd);
    std::abort();
  });
  EXPECT_EQ(end.code, kRefused);
  EXPECT_EQ(end.said.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace cohort::app
