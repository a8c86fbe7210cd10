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
