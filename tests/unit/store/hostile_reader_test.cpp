#include "cohort/store/hostile_reader.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "store/hostile_process.hpp"
#include "store/hostile_protocol.hpp"
#include "support/hostile_files.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {

void PrintTo(HostileProblem problem, std::ostream* out) {
  *out << "problem " << static_cast<int>(problem);
}

namespace {

using testing::HasSubstr;
using testing::Not;

/// What a child of the version says first, as a line of a script.
std::string greeting_of(std::string_view version = reader_version()) {
  return concat("printf 'V\\0", version.size() / 8, version.size() % 8, "'; printf '%s' '", version, "'\n");
}

class HostileReader : public FolderTest {
 protected:
  static constexpr double kSoon_s = 20;  // on a machine that is busy with other things

  HostileContents read(const std::string& name, const HostileLimits& limits = {}) const {
    const auto start = std::chrono::steady_clock::now();
    HostileContents contents = read_hostile(path(name), tiny_expectation(), limits);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    EXPECT_LT(elapsed.count(), kSoon_s) << name;
    return contents;
  }

  /// A stand-in for the child, to see what the parent makes of it; of the right version unless told.
  HostileContents read_by(const std::string& script, const std::string& greeting = greeting_of(),
                          double cpu_s = 60) const {
    const auto program = path("stand_in");
    std::ofstream(program) << "#!/bin/sh\n" << greeting << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    HostileLimits limits;
    limits.program = program;
    limits.wall_s = 2;
    limits.cpu_s = cpu_s;
    return read("any", limits);
  }
};

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(HostileReader, GivesTheValuesOfGoodFiles) {
  write_hostile_files(folder());
  for (const char* name : {"good", "compact", "format_of_1_8"}) {
    const HostileContents contents = read(name);
    ASSERT_EQ(contents.problem, HostileProblem::none) << name << ": " << contents.detail;
    ASSERT_EQ(contents.arrays.size(), 3U);
    EXPECT_EQ(text_of(contents.arrays[0]), "hello");
    std::array<float, 6> values{};
    ASSERT_EQ(contents.arrays[1].size(), sizeof values);
    std::memcpy(values.data(), contents.arrays[1].data(), sizeof values);
    EXPECT_THAT(values, testing::ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_EQ(contents.arrays[2].size(), 8U);
  }
}

TEST_F(HostileReader, RefusesEveryAttackByName) {
  for (const HostileFile& file : write_hostile_files(folder())) {
    const HostileContents contents = read(file.name);
    EXPECT_EQ(contents.problem, file.problem) << file.name << ": " << contents.detail;
    EXPECT_THAT(contents.detail, HasSubstr(file.detail)) << file.name;
    EXPECT_THAT(contents.detail, Not(HasSubstr(kSecret.substr(0, 6)))) << file.name;
    EXPECT_EQ(contents.arrays.size(), file.problem == HostileProblem::none ? 3U : 0U) << file.name;
  }
}

/// What this machine could not read may be a good file.
TEST_F(HostileReader, TellsAFileThatItCannotReadFromNone) {
  EXPECT_EQ(read("nothing").problem, HostileProblem::missing);
  EXPECT_EQ(read("nothing/in/it").problem, HostileProblem::missing);
  const HostileContents contents = read(std::string(300, 'n'));  // longer than any name may be
  EXPECT_EQ(contents.problem, HostileProblem::unreadable);
  EXPECT_THAT(contents.detail, HasSubstr("this machine cannot read it"));
  for (const int error : {EACCES, EPERM, EIO, ESTALE, ENOMEM, EMFILE, ENFILE, ETIMEDOUT})
    EXPECT_EQ(problem_of(reason_not_opened(error)), HostileProblem::unreadable) << std::strerror(error);
  for (const int error : {ENOENT, ENOTDIR})
    EXPECT_EQ(problem_of(reason_not_opened(error)), HostileProblem::missing) << std::strerror(error);
  for (const int error : {ELOOP, ENXIO})
    EXPECT_EQ(problem_of(reason_not_opened(error)), HostileProblem::format) << std::strerror(error);
  if (geteuid() == 0) return;  // who may read everything
  write_hostile_files(folder());
  std::filesystem::permissions(path("good"), std::filesystem::perms::none);
  EXPECT_EQ(read("good").problem, HostileProblem::unreadable);
}

TEST_F(HostileReader, SurvivesFlippedBits) {
  write_hostile_files(folder());
  std::ifstream file(path("good"), std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  int refused = 0;
  for (std::size_t i = 0; i < 48; ++i) {
    std::string flipped = good;
    // Spread over the file, the head (superblock, root group) more densely.
    const std::size_t at = i < 24 ? i * 4 : (i - 24) * (good.size() / 24);
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (i % 8)));
    std::ofstream(path("flipped"), std::ios::binary) << flipped;
    const HostileContents contents = read("flipped");
    EXPECT_NE(contents.problem, HostileProblem::missing);
    EXPECT_NE(contents.problem, HostileProblem::interrupted) << "at byte " << at;
    if (contents.problem != HostileProblem::none) ++refused;
  }
  EXPECT_GT(refused, 10);
}

TEST_F(HostileReader, SurvivesWhatTheFuzzerFound) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(COHORT_FUZZ_FINDINGS)) {
    std::filesystem::copy_file(entry.path(), path("finding"),
                               std::filesystem::copy_options::overwrite_existing);
    const HostileContents contents = read("finding");
    EXPECT_EQ(contents.problem, HostileProblem::format) << entry.path() << ": " << contents.detail;
    EXPECT_TRUE(contents.arrays.empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 4);
}

/// The file is not to blame for what it is asked for.
TEST_F(HostileReader, IsAskedForNothingThatCannotBe) {
  write_hostile_files(folder());
  const ExpectedArray group{"p", Kind::f32, {2}, 0}, member{"p/w", Kind::f32, {2, 3}, 0};
  for (const std::vector<ExpectedArray>& expected :
       {std::vector<ExpectedArray>{}, {group, member}, {member, group}, {member, member}})
    EXPECT_THROW(read_hostile(path("good"), expected), std::logic_error);
}

TEST_F(HostileReader, TellsACrashedChildFromAGoodFile) {
  const HostileContents crashed = read_by("printf R; kill -SEGV $$");
  EXPECT_EQ(crashed.problem, HostileProblem::failed);
  EXPECT_THAT(crashed.detail, HasSubstr("reached outside its memory"));
  EXPECT_THAT(read_by("printf R; kill -XCPU $$").detail, HasSubstr("processor time"));
  EXPECT_EQ(read_by("printf R; kill -KILL $$").problem, HostileProblem::interrupted);
  EXPECT_EQ(read_by("printf R; exit 2").problem, HostileProblem::failed);
  EXPECT_EQ(read_by("printf R").problem, HostileProblem::failed);
}

TEST_F(HostileReader, EndsAChildThatDoesNotFinish) {
  const HostileContents late = read_by("printf R; exec sleep 60");
  EXPECT_EQ(late.problem, HostileProblem::interrupted);
  EXPECT_THAT(late.detail, HasSubstr("in time"));
  EXPECT_EQ(read_by("printf R; exec >&-; exec sleep 60").problem, HostileProblem::interrupted);
}

/// A file that keeps the child busy is refused on a crowded machine too, where its time runs out before its
/// processor time: else "try again" would hold up the audit of all.
TEST_F(HostileReader, RefusesAFileThatKeepsAChildBusy) {
  const HostileContents busy = read_by("printf R; while :; do :; done", greeting_of(), 1);
  EXPECT_EQ(busy.problem, HostileProblem::failed);
  EXPECT_THAT(busy.detail, HasSubstr("processor time"));
}

TEST_F(HostileReader, BelievesNoAnswerThatCannotBe) {
  // Frames as in store/hostile_protocol.hpp: too early an end, an array of 2^56 bytes, the second before the
  // first, an unknown reason, a reason about an array that is not, more after the end, no end of it.
  for (const std::string script :
       {"printf RE", R"(printf 'RA\000\000\000\000\000\000\000\000\000\000\000\001')",
        R"(printf 'RA\001\000\000\000\030\000\000\000\000\000\000\000')",
        R"(printf 'RP\377\000\000\000\000')", R"(printf 'RP\012\377\000\000\000')",
        R"(printf 'RP\005\000\000\000\000and more')", "yes R"}) {
    const HostileContents contents = read_by(script);
    EXPECT_EQ(contents.problem, HostileProblem::failed) << script << ": " << contents.detail;
    EXPECT_TRUE(contents.arrays.empty());
  }
}

TEST_F(HostileReader, ThrowsWhenNoChildCanBeStarted) {
  const auto failure = [&](const std::string& script) {
    return message_of<Error>([&] { return read_by(script); });
  };
  EXPECT_THAT(failure("exit 1"), HasSubstr("exit code 1"));
  EXPECT_THAT(failure("echo this is another program"), HasSubstr("before it was ready"));
  HostileLimits limits;
  limits.program = path("nothing");
  const std::string missing = message_of<Error>([&] { return read("any", limits); });
  EXPECT_THAT(missing, HasSubstr(path("nothing").native() + ": No such file"));
  EXPECT_THAT(missing, HasSubstr("build or install both"));
}

/// The rules of another version may be others.
TEST_F(HostileReader, RefusesAReaderOfAnotherVersion) {
  write_hostile_files(folder());
  const auto failure = [&](const std::string& greeting) {
    return message_of<Error>([&] { return read_by("printf R", greeting); });
  };
  const std::string stale = failure(greeting_of("0.0.9 (protocol 1)"));
  EXPECT_THAT(stale,
              HasSubstr(path("stand_in").native() + " is of version 0.0.9 (protocol 1), this program " +
                        std::string(reader_version())));
  EXPECT_THAT(stale, HasSubstr("install both together"));
  EXPECT_THAT(failure("echo usage: another program\n"), HasSubstr("not the reader of this program"));
  EXPECT_THAT(failure("exit 3\n"), HasSubstr("exit code 3"));
}

/// It says its version to whoever asks, and looks at no file for a parent of another one.
TEST_F(HostileReader, AnswersNoParentOfAnotherVersion) {
  write_hostile_files(folder());
  const std::vector<ExpectedArray> expected = tiny_expectation();
  const std::string own = to_bytes({path("good"), 60, 65536, expected});
  std::string other = own;
  ++other[sizeof(std::uint64_t)];  // the version's first letter
  for (const auto& [request, code] : {std::pair{own, 0}, std::pair{other, 1}, std::pair{std::string(), 1}}) {
    HostileProcess child(hostile_reader_program(), request, kSoon_s);
    std::string greeting(2 + reader_version().size(), '\0');
    ASSERT_TRUE(child.hear(std::as_writable_bytes(std::span(greeting))));
    EXPECT_EQ(greeting.substr(2), reader_version());
    if (code == 0) {
      std::byte ready{};
      EXPECT_TRUE(child.hear(std::span(&ready, 1)));
      EXPECT_EQ(static_cast<char>(ready), kReadyFrame);
      continue;
    }
    EXPECT_TRUE(child.is_silent());
    const int status = child.end();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == code) << status;
  }
}

TEST_F(HostileReader, StandsBesideTheProgramThatAsks) {
  EXPECT_EQ(hostile_reader_program().filename(), "cohort-reader");
  EXPECT_EQ(hostile_reader_program().parent_path(),
            std::filesystem::read_symlink("/proc/self/exe").parent_path());
}

/// Ignores a signal while it lives.
class Ignored {
 public:
  explicit Ignored(int number) : number_(number), before_(std::signal(number, SIG_IGN)) {}
  ~Ignored() { std::signal(number_, before_); }
  Ignored(const Ignored&) = delete;
  Ignored& operator=(const Ignored&) = delete;

 private:
  int number_;
  void (*before_)(int);
};

/// mpirun passes signals on to all processes of a rank's group.
TEST_F(HostileReader, IsNotEndedByRequestsToStop) {
  write_hostile_files(folder());
  ASSERT_TRUE(getpgrp() == getpid() || setpgid(0, 0) == 0);  // so that nobody else gets them
  const Ignored hup(SIGHUP), interrupt(SIGINT), term(SIGTERM), user_1(SIGUSR1), user_2(SIGUSR2);
  std::jthread sender([](const std::stop_token& end) {
    while (!end.stop_requested()) {
      for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) kill(0, number);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  for (int i = 0; i < 10; ++i) {
    const HostileContents contents = read("good");
    EXPECT_EQ(contents.problem, HostileProblem::none) << contents.detail;
  }
}

TEST_F(HostileReader, LeavesNoChildAndNoOpenFile) {
  write_hostile_files(folder());
  const auto open_files = [] { return names_in("/proc/self/fd").size(); };
  const std::size_t before = open_files();
  read("good");
  read("truncated");
  read_by("printf R; exec sleep 60");
  EXPECT_EQ(open_files(), before);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace cohort::store
