#include "cohort/store/mapped_file.hpp"

#include <cstring>

#include "cohort/core/error.hpp"
#include "cohort/store/atomic_file.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

using MappedFileTest = FolderTest;

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

TEST_F(MappedFileTest, ShowsTheWholeFile) {
  const std::string text(100000, 'm');
  write_text_atomically(path("a"), text);
  const MappedFile file(path("a"));
  EXPECT_EQ(text_of(file), text);
}

TEST_F(MappedFileTest, SurvivesTheRemovalOfTheName) {
  write_text_atomically(path("a"), "still here");
  const MappedFile file(path("a"));
  std::filesystem::remove(path("a"));
  EXPECT_EQ(text_of(file), "still here");
}

TEST_F(MappedFileTest, Moves) {
  write_text_atomically(path("a"), "aa");
  write_text_atomically(path("b"), "bbb");
  MappedFile first(path("a"));
  MappedFile second(std::move(first));
  EXPECT_EQ(text_of(second), "aa");
  EXPECT_TRUE(first.bytes().empty());  // NOLINT: moved-from is empty by contract
  second = MappedFile(path("b"));
  EXPECT_EQ(text_of(second), "bbb");
}

TEST_F(MappedFileTest, MayBeEmpty) {
  write_text_atomically(path("empty"), "");
  EXPECT_TRUE(MappedFile(path("empty")).bytes().empty());
  EXPECT_TRUE(MappedFile().bytes().empty());
}

TEST_F(MappedFileTest, NamesWhatCannotBeMapped) {
  EXPECT_EQ(message_of<Error>([&] { const MappedFile file(path("missing")); }),
            "map " + path("missing").native() + ": No such file or directory");
  EXPECT_EQ(message_of<Error>([&] { const MappedFile file(folder()); }),
            "map " + folder().native() + ": not a regular file");
}

}  // namespace
}  // namespace cohort::store
