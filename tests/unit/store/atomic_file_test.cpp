#include "cohort/store/atomic_file.hpp"

#include <fstream>

#include "cohort/core/error.hpp"
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

TEST_F(FolderLockTest, NeedsTheFolder) {
  EXPECT_THROW(const FolderLock lock(path("missing")), Error);
}

}  // namespace
}  // namespace cohort::store
