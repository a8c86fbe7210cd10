// Files in which more may stand than is expected: it is skipped, and the rest is looked at as strictly as
// ever.
#include <gmock/gmock.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "cohort/core/error.hpp"
#include "cohort/store/container.hpp"
#include "store/hostile_image.hpp"
#include "support/hostile_files.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HostileOthers : public FolderTest {
 protected:
  HostileOthers() : files_(write_hostile_files(folder())) {}

  [[nodiscard]] HostileContents read(const std::string& name, Others others = Others::skipped) const {
    return read_hostile(path(name), others == Others::skipped ? lenient_expectation() : tiny_expectation(),
                        roomy(), others);
  }
  /// So that files with others are not refused for their length.
  static HostileLimits roomy() {
    HostileLimits limits;
    limits.slack_bytes = std::uint64_t{4} << 20;
    return limits;
  }
  /// The reason without a process.
  [[nodiscard]] Reason reason_of(std::string_view bytes, Others others) const {
    const std::vector<ExpectedArray> expected =
        others == Others::skipped ? lenient_expectation() : tiny_expectation();
    return read_image(std::as_bytes(std::span(bytes)), expected, others,
                      [](std::uint32_t, std::span<const std::byte>) {})
        .reason;
  }
  [[nodiscard]] std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::vector<HostileFile> files_;
};

std::vector<float> floats_of(const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST_F(HostileOthers, AreSkipped) {
  write_files_with_others(folder());
  const HostileContents contents = read("with_others");
  ASSERT_EQ(contents.problem, HostileProblem::none) << contents.detail;
  ASSERT_EQ(contents.arrays.size(), lenient_expectation().size());
  EXPECT_THAT(floats_of(contents.arrays[1]), ElementsAre(1, 2, 3, 4, 5, 6));
  for (std::size_t optional = 3; optional < contents.arrays.size(); ++optional)
    EXPECT_TRUE(contents.arrays[optional].empty()) << optional;
  EXPECT_EQ(read("with_others", Others::refused).problem, HostileProblem::format);
  EXPECT_EQ(read("good").problem, HostileProblem::none);
}

TEST_F(HostileOthers, LeaveRoomForWhatIsOptional) {
  write_files_with_others(folder());
  const HostileContents contents = read("with_others_and_options");
  ASSERT_EQ(contents.problem, HostileProblem::none) << contents.detail;
  EXPECT_THAT(floats_of(contents.arrays[1]), ElementsAre(1, 2, 3, 4, 5, 6));
  ASSERT_EQ(contents.arrays[3].size(), 3U);
  EXPECT_EQ(std::memcmp(contents.arrays[3].data(), "raw", 3), 0);
  std::int64_t count = 0;
  ASSERT_EQ(contents.arrays[4].size(), sizeof count);
  std::memcpy(&count, contents.arrays[4].data(), sizeof count);
  EXPECT_EQ(count, -5);
  EXPECT_THAT(floats_of(contents.arrays[5]), ElementsAre(7, 8));
}

TEST_F(HostileOthers, HideNothingThatIsExpected) {
  for (const HostileFile& file : write_files_with_others(folder())) {
    const HostileContents contents = read(file.name);
    EXPECT_EQ(contents.problem, file.problem) << file.name << ": " << contents.detail;
    EXPECT_THAT(contents.detail, HasSubstr(file.detail)) << file.name;
    EXPECT_EQ(contents.arrays.empty(), file.problem != HostileProblem::none) << file.name;
  }
}

/// Every attack is refused as where others are refused; what that refuses for others alone is taken, and its
/// values are those of the good file.
TEST_F(HostileOthers, AreNoWayInForAttacks) {
  const HostileContents good = read("good");
  ASSERT_EQ(good.problem, HostileProblem::none) << good.detail;
  const std::set<std::string> others{"attribute",   "attribute_root", "attribute_group",
                                     "extra_array", "extra_type",     "oversized"};
  const std::set<std::string> longer{"tree_of_many_levels"};  // than the members need, for others have room
  for (const HostileFile& file : files_) {
    const HostileContents contents = read(file.name);
    if (file.problem == HostileProblem::none || others.contains(file.name) || longer.contains(file.name)) {
      EXPECT_EQ(contents.problem, HostileProblem::none) << file.name << ": " << contents.detail;
    } else {
      EXPECT_EQ(contents.problem, file.problem) << file.name << ": " << contents.detail;
      EXPECT_THAT(contents.detail, HasSubstr(file.detail)) << file.name;
    }
    if (contents.problem == HostileProblem::none) {
      EXPECT_EQ(contents.arrays, good.arrays) << file.name;
    }
  }
}

TEST_F(HostileOthers, AreNoWayInForDamage) {
  write_files_with_others(folder());
  const std::string good = bytes_of("with_others_and_options");
  int refused = 0;
  for (std::size_t at = 8; at < good.size(); at += 5) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x81);
    if (reason_of(damaged, Others::skipped) != Reason::none) ++refused;
  }
  EXPECT_GT(refused, 100);
  for (std::size_t bytes = 0; bytes < good.size(); bytes += 97)
    EXPECT_NE(reason_of(good.substr(0, bytes), Others::skipped), Reason::none) << bytes;
}

TEST_F(HostileOthers, TellAFileOfOtherArraysFromADamagedOne) {
  for (const char* name :
       {"missing_array", "transposed", "four_tebibytes", "group_for_array", "array_for_group"})
    EXPECT_TRUE(read(name).has_other_arrays) << name;
  for (const char* name : {"good", "text", "truncated", "deflated", "external_link", "header_out_of_file"})
    EXPECT_FALSE(read(name).has_other_arrays) << name;
  EXPECT_TRUE(read_hostile(path("oversized"), lenient_expectation(), {}, Others::skipped).has_other_arrays);
}

TEST_F(HostileOthers, AskForAttributesWhereTheyMayStandAlone) {
  std::vector<ExpectedArray> expected = tiny_expectation();
  expected.push_back({"title", Kind::u8, {}, 8, false, true});
  EXPECT_THROW(read_hostile(path("good"), expected), std::logic_error);
  EXPECT_THROW(read_hostile(path("good"), std::span(expected).last(1), {}, Others::skipped),
               std::logic_error);
  const HostileContents absent = read_hostile(path("good"), expected, {}, Others::skipped);
  EXPECT_EQ(absent.problem, HostileProblem::format);
  EXPECT_THAT(absent.detail, HasSubstr("title: is not among the attributes of the root"));
}

/// What this program writes besides a checkpoint's tensors: many attributes, two of them long lists.
TEST_F(HostileOthers, AreWhatAContainerOfOursHolds) {
  ContainerWriter writer(path("container"));
  writer.write<std::uint8_t>("header", {5}, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
  writer.write<float>("p/w", {2, 3}, std::array<float, 6>{1, 2, 3, 4, 5, 6});
  writer.write<float>("p/s/v", {2}, std::array<float, 2>{1, 2});
  writer.write_text("provenance", "somebody");
  writer.write_strings("texts/rows", std::vector<std::string>{"a", "bc"});
  for (int i = 0; i < 30; ++i) writer.attribute("/", "number" + std::to_string(i), std::int64_t{i});
  const std::vector<std::string> names(1000, std::string(60, 'n'));
  writer.attribute("/", "layer_names", names);
  writer.attribute("/", "class_names", names);
  writer.attribute("/p/s", "weight_names", std::vector<std::string>{"v"});
  writer.attribute("/", "title", std::string_view("ema"));
  writer.attribute("/", "count", std::int64_t{1} << 40);
  writer.close();
  const HostileContents contents = read("container");
  ASSERT_EQ(contents.problem, HostileProblem::none) << contents.detail;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(contents.arrays[3].data()), 3), "ema");
  std::int64_t count = 0;
  std::memcpy(&count, contents.arrays[4].data(), sizeof count);
  EXPECT_EQ(count, std::int64_t{1} << 40);
}

}  // namespace
}  // namespace cohort::store
