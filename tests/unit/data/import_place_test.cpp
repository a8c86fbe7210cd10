// How an import's files take the place of older ones: what stands in the folder from moment to moment.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "cohort/core/host.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/dataset.hpp"
#include "unit/data/import_support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::import;
using testing::TemporaryFolder;
using testing::write_file;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// What happens to the names in a folder: "+name" for one that comes, "-name" for one that goes.
class Watch {
 public:
  explicit Watch(const fs::path& folder) : descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    constexpr std::uint32_t events = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
    if (descriptor_ < 0 || inotify_add_watch(descriptor_, folder.c_str(), events) < 0)
      throw Error(concat("watch ", folder.string(), ": ", std::strerror(errno)));
  }
  ~Watch() { close(descriptor_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Since the last call, without temporary files.
  Names events() {
    Names names;
    alignas(inotify_event) std::array<char, 65536> buffer{};
    for (ssize_t count = 0; (count = read(descriptor_, buffer.data(), buffer.size())) > 0;) {
      for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        const std::string name = event.len > 0 ? buffer.data() + at + sizeof(event) : "";
        at += sizeof(event) + event.len;
        if (contains(name, ".tmp.") || name.starts_with(".")) continue;
        names.push_back((event.mask & (IN_CREATE | IN_MOVED_TO) ? "+" : "-") + name);
      }
    }
    return names;
  }

 private:
  int descriptor_;
};

class PlaceOfFiles : public ::testing::Test {
 protected:
  PlaceOfFiles() {
    for (int i = 0; i < 30; ++i)
      write_file(source_ / (i % 2 ? "a" : "b") / concat(i, ".ppm"), testing::ppm(9, 9, i));
    options_.source = source_;
    options_.output = folder_ / "out/set.h5";
    options_.size = 4;
    options_.overwrite = true;
    options_.broken = BrokenFiles::quarantine;
  }
  TemporaryFolder folder_;
  fs::path source_ = folder_ / "source", quarantine_ = folder_ / "out/set.quarantine.csv";
  ImportOptions options_;
};

// Nothing in a packed file says which hidden file is its own. So no old file of the two may ever stand beside
// a new one, and a main file stands at every moment, whenever the program is killed.
TEST_F(PlaceOfFiles, NeverPairsAnOldFileWithANewOne) {
  import(options_);
  write_file(source_ / "a/broken.ppm", "x");
  options_.split.seed = 1;
  Watch watch(folder_ / "out");
  EXPECT_TRUE(import(options_).has_hidden_file);
  EXPECT_EQ(watch.events(), (Names{"+set.quarantine.csv", "-set.hidden.h5", "+set.h5", "+set.hidden.h5"}));

  options_.split.fractions = {0.7, 0.1, 0.2, 0};
  EXPECT_FALSE(import(options_).has_hidden_file);
  EXPECT_EQ(watch.events(), (Names{"+set.quarantine.csv", "-set.hidden.h5", "+set.h5"}));

  fs::remove(source_ / "a/broken.ppm");
  import(options_);
  EXPECT_EQ(watch.events(), (Names{"-set.quarantine.csv", "+set.h5"}));
}

TEST_F(PlaceOfFiles, KeepsTheOldFilesWhereANewOneCannotStand) {
  const ImportReport first = import(options_);
  write_file(quarantine_ / "notes.txt", "a folder of this name");
  options_.split.seed = 1;
  const std::string message = testing::message_of<UsageError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "set.quarantine.csv is a folder")) << message;
  EXPECT_EQ(Dataset::open(options_.output).digest(), first.digest);
  EXPECT_EQ(Dataset::open(folder_ / "out/set.hidden.h5").digest(), first.hidden_digest);
}

/// Where a file that import reads has the name of one that it writes.
class InputsOfImport : public PlaceOfFiles {
 protected:
  InputsOfImport() {
    for (int i = 0; i < 30; ++i) table_ += concat(i, ",", i % 2 ? "a" : "b", "\n");
    for (int i = 0; i < 30; ++i) write_file(folder_ / concat("images/", i, ".ppm"), testing::ppm(9, 9, i));
    options_.broken = BrokenFiles::refuse;
  }
  void refuses(const fs::path& input, std::string_view words) {
    const std::string before = testing::read_file(input);
    const std::string message = testing::message_of<UsageError>([&] { import(options_); });
    EXPECT_TRUE(contains(message, words)) << message;
    EXPECT_TRUE(testing::read_file(input) == before) << input;
    EXPECT_FALSE(before.empty()) << input;
  }
  std::string table_ = "image_id,dx\n";
};

TEST_F(InputsOfImport, AreNotWrittenOver) {
  options_.source = write_file(folder_ / "labels.quarantine.csv", table_);
  options_.output = folder_ / "labels.h5";
  refuses(options_.source, "labels.quarantine.csv would be written, but it is the source table");
  fs::create_symlink("labels.quarantine.csv", folder_ / "other.hidden.h5");
  options_.output = folder_ / "other.h5";
  refuses(options_.source, "other.hidden.h5 would be written, but it is the source table");
  EXPECT_FALSE(fs::exists(folder_ / "labels.h5") || fs::exists(options_.output));
}

TEST_F(InputsOfImport, AreNotWrittenOverWhenJoined) {
  std::string sites = "image_id,site\n";
  for (int i = 0; i < 30; ++i) sites += concat(i, ",x\n");
  options_.source = write_file(folder_ / "labels.csv", table_);
  options_.output = folder_ / "set.h5";
  for (const char* const name : {"set.h5", "set.hidden.h5", "set.quarantine.csv"}) {
    options_.joins = {write_file(folder_ / name, sites)};
    refuses(options_.joins[0], concat(name, " would be written, but it is the joined table"));
    fs::remove(options_.joins[0]);
  }
  options_.joins = {write_file(folder_ / "sites.csv", sites)};
  import(options_);
  EXPECT_TRUE(fs::exists(options_.joins[0]) && fs::exists(options_.source));
}

TEST_F(InputsOfImport, AreNotWrittenOverAsImages) {
  options_.output = folder_ / "set.h5";
  fs::create_hard_link(source_ / "a/1.ppm", options_.output);
  refuses(options_.output, "set.h5 would be written, but it is the image ");
}

// A folder's own table is named nowhere in the options.
TEST_F(InputsOfImport, AreNotWrittenOverInTheirFolder) {
  const fs::path table = write_file(folder_ / "labels.quarantine.csv", table_);
  options_.source = folder_.path();
  options_.output = folder_ / "labels.h5";
  refuses(table, "labels.quarantine.csv exists already and is no list of files that an import set aside");
}

TEST_F(PlaceOfFiles, KeepsAFormerListUnlessAskedToOverwrite) {
  options_.overwrite = false;
  write_file(quarantine_, "file,reason\nold,old\n");
  const std::string message = testing::message_of<UsageError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "set.quarantine.csv exists already; choose another name or add --overwrite"))
      << message;
  EXPECT_EQ(testing::read_file(quarantine_), "file,reason\nold,old\n");
  options_.overwrite = true;
  import(options_);
  EXPECT_FALSE(fs::exists(quarantine_));
}

TEST_F(PlaceOfFiles, TakesNoNameOfAHiddenFile) {
  import(options_);
  const std::string before = testing::read_file(folder_ / "out/set.hidden.h5");
  options_.output = folder_ / "out/set.hidden.h5";
  const std::string message = testing::message_of<UsageError>([&] { import(options_); });
  EXPECT_TRUE(contains(message, "must not end in .hidden.h5, the name of the hidden samples")) << message;
  EXPECT_TRUE(testing::read_file(options_.output) == before);
}

TEST_F(PlaceOfFiles, RemovesWhatAKilledImportLeft) {
  // A process number above all that Linux gives.
  const std::string killed = concat(".tmp.4194305.", host_name());
  write_file(folder_ / ("out/set.h5" + killed), "half a file");
  write_file(folder_ / ("out/set.hidden.h5" + killed), "half a file");
  import(options_);
  Names names;
  for (const auto& entry : fs::directory_iterator(folder_ / "out"))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  EXPECT_EQ(names, (Names{"set.h5", "set.hidden.h5"}));
}

}  // namespace
}  // namespace cohort::data
