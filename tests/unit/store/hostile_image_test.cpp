#include "store/hostile_image.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/container.hpp"
#include "support/hostile_files.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

class HostileImage : public FolderTest {
 protected:
  [[nodiscard]] std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

/// What is found, and the values that are handed out, in a row.
struct Reading {
  Reason reason = Reason::none;
  std::vector<std::byte> values;
  bool operator==(const Reading&) const = default;
};

Reading reading_of(std::string_view bytes, std::span<const ExpectedArray> expected = tiny_expectation()) {
  Reading reading;
  reading.reason = read_image(std::as_bytes(std::span(bytes)), expected, Others::refused,
                              [&](std::uint32_t, std::span<const std::byte> values) {
                                reading.values.insert(reading.values.end(), values.begin(), values.end());
                              })
                       .reason;
  return reading;
}

Reason check(std::string_view bytes, std::span<const ExpectedArray> expected = tiny_expectation()) {
  return reading_of(bytes, expected).reason;
}

template <typename T>
void append_bytes(std::vector<std::byte>& all, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  all.insert(all.end(), bytes.begin(), bytes.end());
}

/// Seconds of this process's processor time that one reading takes.
double cost_s(const std::string& bytes, std::span<const ExpectedArray> expected) {
  constexpr int readings = 20;
  const std::clock_t start = std::clock();
  for (int i = 0; i < readings; ++i) check(bytes, expected);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / readings;
}

TEST_F(HostileImage, CostsNothingWhateverTheFileHolds) {
  const std::vector<ExpectedArray> expected = tiny_expectation();
  for (const HostileFile& file : write_hostile_files(folder())) {
    if (!std::filesystem::is_regular_file(path(file.name)) || file.name == "sparse") continue;
    EXPECT_LT(cost_s(bytes_of(file.name), expected), 0.005) << file.name;
  }
}

/// Two readings of the same bytes in other places, before other bytes: nothing beyond the file plays a part.
TEST_F(HostileImage, DependsOnTheBytesOfTheFileAlone) {
  for (const HostileFile& file : write_hostile_files(folder())) {
    if (!std::filesystem::is_regular_file(path(file.name)) || file.name == "sparse") continue;
    const std::string bytes = bytes_of(file.name);
    const Reading reading = reading_of(bytes);
    for (const char beyond : {'\0', '\xff', 'w'}) {
      const std::string longer = "odd" + bytes + std::string(4096, beyond);
      EXPECT_EQ(reading_of(std::string_view(longer).substr(3, bytes.size())), reading) << file.name;
    }
  }
}

std::vector<ExpectedArray> many(int arrays) {
  std::vector<ExpectedArray> expected;
  for (int i = 0; i < arrays; ++i)
    expected.push_back({concat("parameters/stage", i % 3, "/layer", i, ".weight"), Kind::f32, {1}, 0});
  return expected;
}

/// Trees of one to three levels, and groups in groups, as this program writes them.
TEST_F(HostileImage, KnowsWhatThisProgramWrites) {
  for (const int arrays : {1, 8, 9, 100, 700}) {
    const std::string name = concat("arrays_", arrays);
    const std::vector<ExpectedArray> expected = many(arrays);
    ContainerWriter writer(path(name));
    for (int i = 0; i < arrays; ++i)
      writer.write<float>(expected[static_cast<std::size_t>(i)].path, {1}, std::array{static_cast<float>(i)});
    writer.close();
    const Reading reading = reading_of(bytes_of(name), expected);
    EXPECT_EQ(reading.reason, Reason::none) << arrays;
    ASSERT_EQ(reading.values.size(), sizeof(float) * static_cast<std::size_t>(arrays));
    float last = 0;
    std::memcpy(&last, &reading.values[reading.values.size() - sizeof last], sizeof last);
    EXPECT_EQ(last, static_cast<float>(arrays - 1));
    if (arrays == 700) {
      EXPECT_LT(cost_s(bytes_of(name), expected), 0.05);
      EXPECT_EQ(check(bytes_of(name), many(40)), Reason::unexpected_member);
      EXPECT_EQ(check(bytes_of(name), many(3)), Reason::parts_too_many);
    }
  }
}

/// The program's own reader goes through the HDF5 library: both must see the same.
TEST_F(HostileImage, SeesWhatTheLibrarySees) {
  const std::vector<ExpectedArray> expected{{"bytes", Kind::u8, {3}, 0},
                                            {"group/i32", Kind::i32, {2, 2}, 0},
                                            {"group/i64", Kind::i64, {}, 0},
                                            {"group/f32", Kind::f32, {}, 5},
                                            {"group/deeper/f64", Kind::f64, {2, 1, 2}, 0}};
  ContainerWriter writer(path("kinds"));
  writer.write<std::uint8_t>("bytes", {3}, std::array<std::uint8_t, 3>{0, 127, 255});
  writer.write<std::int32_t>("group/i32", {2, 2}, std::array{-1, 2, -3, std::numeric_limits<int>::min()});
  writer.write<std::int64_t>("group/i64", {}, std::array{std::numeric_limits<std::int64_t>::min()});
  writer.write<float>("group/f32", {3}, std::array{-0.0F, 1e-42F, std::numeric_limits<float>::quiet_NaN()});
  writer.write<double>("group/deeper/f64", {2, 1, 2}, std::array{-0.0, 1e-310, 3.5, 1e308});
  writer.close();
  std::vector<std::byte> library;
  const ContainerReader reader(path("kinds"));
  append_bytes(library, reader.read<std::uint8_t>("bytes"));
  append_bytes(library, reader.read<std::int32_t>("group/i32"));
  append_bytes(library, reader.read<std::int64_t>("group/i64"));
  append_bytes(library, reader.read<float>("group/f32"));
  append_bytes(library, reader.read<double>("group/deeper/f64"));
  EXPECT_EQ(reading_of(bytes_of("kinds"), expected), (Reading{Reason::none, library}));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::vector<ExpectedArray> other = expected;
    other[i].kind =
        other[i].kind == Kind::f64 ? Kind::i64 : static_cast<Kind>(static_cast<int>(other[i].kind) + 1);
    EXPECT_EQ(check(bytes_of("kinds"), other), Reason::element_type) << expected[i].path;
    other = expected;
    other[i].extents.push_back(1);
    other[i].most_elements = 0;  // now two-dimensional
    EXPECT_EQ(check(bytes_of("kinds"), other), Reason::extents) << expected[i].path;
  }
}

TEST_F(HostileImage, EndsForEveryDamage) {
  write_hostile_files(folder());
  for (const char* name : {"good", "format_of_1_8", "external_link", "external_storage"}) {
    const std::string good = bytes_of(name);
    for (std::size_t bytes = 0; bytes < good.size(); bytes += 7)
      EXPECT_NE(check(good.substr(0, bytes)), Reason::none) << bytes;
    int refused = 0;
    for (std::size_t at = 8; at < good.size(); ++at) {
      for (const int change : {1, 128, 255}) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ change);
        if (check(damaged) != Reason::none) ++refused;
      }
    }
    EXPECT_GT(refused, 100) << name;
  }
}

/// What is taken has the values that the HDF5 library finds, where it takes the file too.
TEST_F(HostileImage, FindsWhatTheLibraryFindsInDamagedFiles) {
  write_hostile_files(folder());
  for (const char* name : {"good", "format_of_1_8", "compact"}) {
    const std::string good = bytes_of(name);
    int taken = 0, opened = 0;
    for (std::size_t at = 8; at < good.size(); at += 3) {
      std::string damaged = good;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      const Reading reading = reading_of(damaged);
      if (reading.reason != Reason::none) continue;
      ++taken;
      std::ofstream(path("damaged"), std::ios::binary) << damaged;
      try {
        const ContainerReader library(path("damaged"));
        std::vector<std::byte> values;
        append_bytes(values, library.read<std::uint8_t>("header"));
        append_bytes(values, library.read<float>("p/w"));
        append_bytes(values, library.read<float>("p/s/v"));
        ++opened;
        EXPECT_EQ(values, reading.values) << name << ", byte " << at;
      } catch (const DataError&) {
        // It looks at more than is needed: checksums, free space.
      }
    }
    EXPECT_GT(taken, 100) << name;
    EXPECT_GT(opened, taken / 4) << name;
  }
}

/// A heap of any length would be copied by those who read it with the library.
TEST_F(HostileImage, RefusesAHugeHeap) {
  write_hostile_files(folder());
  std::string bytes = bytes_of("good");
  const auto put = [&](std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) bytes.at(at + i) = static_cast<char>(value >> (8 * i) & 0xFF);
  };
  const auto heap = static_cast<std::size_t>(static_cast<unsigned char>(bytes[88])) |
                    static_cast<std::size_t>(static_cast<unsigned char>(bytes[89])) << 8;
  constexpr std::size_t tiny_members = 5;  // header, p, p/w, p/s, p/s/v
  const std::size_t most = (64 + tiny_members) << 10;
  bytes.resize(bytes.size() + 2 * most);
  put(40, bytes.size());  // where the file says that it ends
  put(heap + 8, most);
  EXPECT_EQ(check(bytes), Reason::none);
  put(heap + 8, most + 1);
  EXPECT_EQ(check(bytes), Reason::parts_too_many);
}

}  // namespace
}  // namespace cohort::store
