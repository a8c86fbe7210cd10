#include "paths.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

TEST(Paths, RefusesAllThatIsMissingAtOnce) {
  require_readable({});
  require_readable({"", "-", testing::TempDir()});
  try {
    require_readable({testing::TempDir(), "/nowhere/a", "nowhere.b"});
    FAIL() << "took what is not there";
  } catch (const DataError& e) {
    EXPECT_EQ(std::string(e.what()), "/nowhere/a: no such file or folder; nowhere.b: no such file or folder");
    EXPECT_EQ(e.code(), ExitCode::data_refused);
  }
}

TEST(Paths, ReplacesOnlyWhatItIsToldToAndDoesNotRead) {
  const fs::path folder = fs::path(testing::TempDir()) / "paths_test_out";
  make_folder(folder);
  const fs::path out = folder / "out", link = folder / "link", pipe = folder / "pipe";
  std::ofstream(out) << "mine";
  fs::create_symlink(out, link);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto refusal = [](const fs::path& path, bool may_replace, const std::vector<fs::path>& inputs = {}) {
    try {
      require_free_output(path, may_replace, inputs);
    } catch (const UsageError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal({}, false), "");
  EXPECT_EQ(refusal(folder / "new", false, {out, "nowhere", {}}), "");
  EXPECT_EQ(refusal(out, true, {pipe, "nowhere"}), "");
  EXPECT_EQ(refusal(out, false),
            concat("--out ", out.string(), " is there already; choose another --out or add --overwrite"));
  for (const fs::path& input : {out, link, folder / "." / "out"})
    EXPECT_EQ(refusal(out, true, {"nowhere", input}),
              concat("--out ", out.string(), " is a file that this command reads; choose another --out"));
  EXPECT_EQ(refusal(folder, true), concat("--out ", folder.string(), " is a folder; name a file"));
  EXPECT_EQ(refusal(pipe, true),
            concat("--out ", pipe.string(), " is not a regular file; choose another --out"));
  fs::remove_all(folder);
}

TEST(Paths, SaysWhyAFolderCannotBeMade) {
  const fs::path folder = fs::path(testing::TempDir()) / "paths_test" / "deep";
  make_folder(folder);
  EXPECT_TRUE(fs::is_directory(folder));
  make_folder(folder);
  fs::remove_all(folder.parent_path());
  try {
    make_folder("/proc/nowhere/out");
    FAIL() << "made a folder in /proc";
  } catch (const Error& e) {
    EXPECT_TRUE(std::string(e.what()).starts_with("make folder /proc/nowhere/out: ")) << e.what();
  }
}

TEST(Paths, CutsLongListsOfErrors) {
  std::string message = "classify images: 50 cannot be read:";
  for (int i = 1; i <= 20; ++i) message += concat("\n  image ", i);
  EXPECT_EQ(cut_list(message), message) << "twenty are shown";
  const std::string twenty = message;
  for (int i = 21; i <= 50; ++i) message += concat("\n  image ", i);
  EXPECT_EQ(cut_list(message), twenty + "\n  ... and 30 more");
}

}  // namespace
}  // namespace cohort::app
