#include "store/hostile_structure.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include "cohort/core/text.hpp"
#include "cohort/store/container.hpp"
#include "support/hostile_files.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

constexpr std::size_t kTinyMembers = 5;  // header, p, p/w, p/s, p/s/v

class HostileStructure : public FolderTest {
 protected:
  [[nodiscard]] std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

Reason check(const std::string& bytes, std::size_t members = kTinyMembers) {
  return check_structure(std::as_bytes(std::span(bytes)), members);
}

/// Seconds of this process's processor time that one check takes.
double cost_s(const std::string& bytes, std::size_t members) {
  constexpr int checks = 20;
  const std::clock_t start = std::clock();
  for (int i = 0; i < checks; ++i) check(bytes, members);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / checks;
}

TEST_F(HostileStructure, CostsNothingWhateverTheFileHolds) {
  for (const HostileFile& file : write_hostile_files(folder())) {
    if (!std::filesystem::is_regular_file(path(file.name)) || file.problem == HostileProblem::size) continue;
    EXPECT_LT(cost_s(bytes_of(file.name), kTinyMembers), 0.005) << file.name;
  }
}

TEST_F(HostileStructure, RefusesEveryAttackOnIt) {
  write_hostile_files(folder());
  for (const HostileFile& file : write_structure_files(folder()))
    EXPECT_EQ(check(bytes_of(file.name)) == Reason::none, file.problem == HostileProblem::none) << file.name;
}

/// Trees of one to three levels, and groups in groups, as this program writes them.
TEST_F(HostileStructure, KnowsWhatThisProgramWrites) {
  for (const int arrays : {1, 8, 9, 100, 700}) {
    const std::string name = concat("arrays_", arrays);
    ContainerWriter writer(path(name));
    for (int i = 0; i < arrays; ++i)
      writer.write<float>(concat("parameters/stage", i % 3, "/layer", i, ".weight"), {1}, std::array{1.0F});
    writer.close();
    const auto members = static_cast<std::size_t>(1 + std::min(arrays, 3) + arrays);
    EXPECT_EQ(check(bytes_of(name), members), Reason::none) << arrays;
    if (arrays == 700) {
      EXPECT_EQ(check(bytes_of(name), members / 8), Reason::parts_too_many);
      EXPECT_LT(cost_s(bytes_of(name), members), 0.05);
    }
  }
}

TEST_F(HostileStructure, EndsForEveryDamage) {
  write_hostile_files(folder());
  for (const char* name : {"good", "format_of_1_8", "external_link", "external_storage"}) {
    const std::string good = bytes_of(name);
    for (std::size_t bytes = 8; bytes < good.size(); bytes += 7) check(good.substr(0, bytes));
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

/// A heap that the library would copy for each name that it compares.
TEST_F(HostileStructure, RefusesAHugeHeap) {
  write_hostile_files(folder());
  std::string bytes = bytes_of("good");
  const auto put = [&](std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) bytes.at(at + i) = static_cast<char>(value >> (8 * i) & 0xFF);
  };
  const auto heap = static_cast<std::size_t>(static_cast<unsigned char>(bytes[88])) |
                    static_cast<std::size_t>(static_cast<unsigned char>(bytes[89])) << 8;
  const std::size_t most = (64 + kTinyMembers) << 10;
  bytes.resize(bytes.size() + 2 * most);
  put(heap + 8, most);
  EXPECT_EQ(check(bytes), Reason::none);
  put(heap + 8, most + 1);
  EXPECT_EQ(check(bytes), Reason::parts_too_many);
}

}  // namespace
}  // namespace cohort::store
