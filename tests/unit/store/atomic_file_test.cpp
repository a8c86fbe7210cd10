#include "cohort/store/atomic_file.hpp"

#include <sys/stat.h>

#include <array>
#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/core/host.hpp"
#include "unit/store/folder.hpp"
#include "unit/store/limited_child.hpp"

namespace cohort::store {
namespace {

using AtomicFile = FolderTest;
using FolderLockTest = FolderTest;

TEST_F(AtomicFile, WritesAndReplaces) {
  write_text_atomically(path("a"), "first");
  write_text_atomically(path("a"), std::string("sec\0ond", 7));
  EXPECT_EQ(read_text(path("a")), std::string("sec\0ond", 7));
  EXPECT_EQ(file_count(), 1);
}

TEST_F(AtomicFile, WritesBesideTheTarget) {
  write_atomically(path("a"), [&](const std::filesystem::path& temporary) {
    EXPECT_EQ(temporary.parent_path(), folder());
    EXPECT_NE(temporary, path("a"));
    EXPECT_FALSE(std::filesystem::exists(path("a")));
    std::ofstream(temporary) << "text";
  });
  EXPECT_EQ(read_text(path("a")), "text");
}

TEST_F(AtomicFile, LeavesTheOldFileWhenWritingFails) {
  write_text_atomically(path("a"), "old");
  const auto write = [&](const std::filesystem::path& temporary) {
    std::ofstream(temporary) << "half";
    throw DataError("no more");
  };
  EXPECT_THROW(write_atomically(path("a"), write), DataError);
  EXPECT_EQ(read_text(path("a")), "old");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(AtomicFile, LeavesTheOldFileWhenVerificationFails) {
  write_text_atomically(path("a"), "old");
  const auto write = [](const std::filesystem::path& temporary) { std::ofstream(temporary) << "new"; };
  const auto verify = [](const std::filesystem::path& temporary) {
    EXPECT_EQ(read_text(temporary), "new");
    throw CheckpointError("digest differs");
  };
  EXPECT_THROW(write_atomically(path("a"), write, verify), CheckpointError);
  EXPECT_EQ(read_text(path("a")), "old");
  EXPECT_EQ(file_count(), 1);
}

/// The number of a process that lived on this host and has ended.
pid_t ended_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST_F(AtomicFile, RemovesWhatAKilledWriterOfTheSameTargetLeft) {
  const pid_t child = fork();
  if (child == 0) {
    write_atomically(path("a"), [](const std::filesystem::path& temporary) {
      std::ofstream(temporary) << "half" << std::flush;
      _exit(0);  // no destructor runs
    });
  }
  waitpid(child, nullptr, 0);
  ASSERT_EQ(file_count(), 1);
  write_text_atomically(path("b"), "another target");
  EXPECT_EQ(file_count(), 2) << "the half of a stays until a is written again";
  write_text_atomically(path("a"), "whole");
  EXPECT_EQ(file_count(), 2);
  EXPECT_EQ(read_text(path("a")), "whole");
}

TEST_F(AtomicFile, LeavesFilesOfTheLivingAndOfOtherHosts) {
  const std::string ended = std::to_string(ended_process());
  for (const std::string& name :
       {"a.tmp.1." + host_name(), "a.tmp." + ended + ".another-host", "a.tmp." + ended,
        std::string("a.tmp.notes.txt"), "ba.tmp." + ended + "." + host_name(), "a.tmp.-1." + host_name()})
    std::ofstream(path(name)) << "theirs";
  write_text_atomically(path("a"), "mine");
  EXPECT_EQ(file_count(), 7);
}

TEST_F(AtomicFile, NamesPathAndCause) {
  const std::string missing = message_of<Error>([&] { write_text_atomically(path("no/a"), "x"); });
  EXPECT_NE(missing.find(path("no/a").native()), std::string::npos) << missing;
  EXPECT_NE(missing.find("No such file or directory"), std::string::npos) << missing;
  std::filesystem::create_directory(path("taken"));
  const std::string taken = message_of<Error>([&] { write_text_atomically(path("taken"), "x"); });
  EXPECT_NE(taken.find("rename into " + path("taken").native()), std::string::npos) << taken;
  EXPECT_EQ(file_count(), 1);
}

TEST_F(AtomicFile, ReportsAFullDisk) {
  write_text_atomically(path("a"), "old");
  const std::string thrown =
      thrown_under_limit(1000, [&] { write_text_atomically(path("a"), std::string(5000, 'x')); });
  EXPECT_NE(thrown.find("file size limit reached"), std::string::npos) << thrown;
  EXPECT_EQ(read_text(path("a")), "old");
  EXPECT_EQ(file_count(), 1);
  // /dev/full answers each write as a full disk does.
  const std::string full = message_of<Error>([] { append_line("/dev/full", "x"); });
  EXPECT_NE(full.find("append to /dev/full: disk full"), std::string::npos) << full;
}

TEST_F(AtomicFile, WorksOnABareFileName) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder());
  write_text_atomically("bare", "x");
  std::filesystem::current_path(before);
  EXPECT_EQ(read_text(path("bare")), "x");
}

TEST_F(AtomicFile, AppendsWholeLines) {
  append_line(path("log"), "one");
  append_line(path("log"), "two");
  EXPECT_EQ(read_text(path("log")), "one\ntwo\n");
  thrown_under_limit(10, [&] { append_line(path("log"), "three is too long"); });
  EXPECT_EQ(read_text(path("log")), "one\ntwo\n");
}

TEST_F(AtomicFile, ReadsLargeAndMissingFiles) {
  const std::string large(300000, 'z');
  write_text_atomically(path("large"), large);
  EXPECT_EQ(read_text(path("large")), large);
  const std::string thrown = message_of<Error>([&] { read_text(path("missing")); });
  EXPECT_EQ(thrown, "read " + path("missing").native() + ": No such file or directory");
  EXPECT_THROW(read_text(folder()), Error);
}

TEST_F(AtomicFile, ReadsUpToALimit) {
  write_text_atomically(path("a"), std::string(100000, 'z'));
  EXPECT_EQ(read_text(path("a"), 100000).size(), 100000U);
  const std::string thrown = message_of<DataError>([&] { return read_text(path("a"), 99999); });
  EXPECT_EQ(thrown, "read " + path("a").native() + ": longer than 99999 bytes");
  EXPECT_GT(read_text("/proc/self/stat").size(), 0U) << "says of itself that it is empty";
}

TEST_F(AtomicFile, ReadsRegularFilesAloneAndWaitsForNoPipe) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::filesystem::path& other : {path("pipe"), folder(), std::filesystem::path("/dev/null")})
    EXPECT_EQ(message_of<Error>([&] { return read_text(other); }),
              "read " + other.native() + ": not a regular file");
}

/// What `action` gives while `text` is the standard input.
template <typename Action>
auto with_input(const std::string& text, const Action& action) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(ends[1]);
  const int saved = dup(STDIN_FILENO);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  const auto result = action();
  dup2(saved, STDIN_FILENO);
  close(saved);
  return result;
}

TEST_F(AtomicFile, ReadsStandardInputUpToALimit) {
  EXPECT_EQ(with_input("a text", [] { return read_standard_input(); }), "a text");
  EXPECT_EQ(with_input("a text", [] { return message_of<DataError>([] { return read_standard_input(5); }); }),
            "read standard input: longer than 5 bytes");
}

/// The temporary file that the next write of a target in this process uses.
std::filesystem::path next_temporary(const std::filesystem::path& target) {
  std::filesystem::path name;
  write_atomically(target, [&](const std::filesystem::path& temporary) { name = temporary; });
  return name;
}

TEST_F(AtomicFile, WritesThroughNoLinkUnderTheTemporaryName) {
  std::ofstream(path("victim")) << "precious";
  const std::filesystem::path temporary = next_temporary(path("a"));
  std::filesystem::create_symlink(path("victim"), temporary);
  write_text_atomically(path("a"), "text");
  EXPECT_EQ(read_text(path("a")), "text");
  EXPECT_FALSE(std::filesystem::is_symlink(path("a")));
  EXPECT_EQ(read_text(path("victim")), "precious");
  std::filesystem::create_hard_link(path("victim"), temporary);
  write_atomically(path("a"), [](const auto& name) { std::ofstream(name) << "by its name"; });
  EXPECT_EQ(read_text(path("a")), "by its name");
  EXPECT_EQ(read_text(path("victim")), "precious");
}

TEST_F(FolderLockTest, FollowsNoLink) {
  std::ofstream(path("victim")) << "precious";
  std::filesystem::create_symlink(path("victim"), path(".lock"));
  EXPECT_THROW(const FolderLock lock(folder()), Error);
  EXPECT_EQ(read_text(path("victim")), "precious");
}

TEST_F(AtomicFile, KnowsTheFreeSpaceOfPlacesNotYetMade) {
  EXPECT_GT(free_bytes(folder()), 0u);
  EXPECT_GT(free_bytes(path("not/yet/made")), 0u);
  EXPECT_GT(free_bytes("relative-and-missing"), 0u);
}

TEST_F(FolderLockTest, KeepsOthersOutAndSaysWhoHoldsIt) {
  {
    const FolderLock lock(folder());
    const std::string thrown = message_of<Error>([&] { const FolderLock second(folder()); });
    EXPECT_NE(thrown.find("in use by process " + std::to_string(getpid())), std::string::npos) << thrown;
    EXPECT_NE(thrown.find(folder().native()), std::string::npos) << thrown;
  }
  EXPECT_NO_THROW(const FolderLock again(folder()));
}

TEST_F(FolderLockTest, EndsWithTheProcessThatHeldIt) {
  const pid_t child = fork();
  if (child == 0) {
    const FolderLock lock(folder());
    _exit(0);  // no destructor runs
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_NO_THROW(const FolderLock lock(folder()));
}

TEST_F(FolderLockTest, RemovesWhatKilledWritersLeft) {
  const std::string ended = std::to_string(ended_process());
  const FolderLock lock(folder());
  std::filesystem::create_directory(path("inside"));
  for (const std::string& name :
       {"inside/a.tmp." + ended + "." + host_name(), std::string("inside/b.tmp.1.another-host")})
    std::ofstream(path(name)) << "half";
  const std::string alive = "inside/c.tmp." + std::to_string(getpid()) + "." + host_name();
  std::ofstream(path(alive)) << "still being written";
  std::ofstream(path("inside/notes.tmp.txt")) << "not ours";
  lock.remove_abandoned();
  EXPECT_EQ(names_in(path("inside")),
            (std::set<std::string>{path(alive).filename().string(), "notes.tmp.txt"}));
}

TEST_F(FolderLockTest, NeedsTheFolder) {
  EXPECT_THROW(const FolderLock lock(path("missing")), Error);
}

}  // namespace
}  // namespace cohort::store
