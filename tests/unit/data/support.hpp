// What tests of sources need: folders that vanish, files, tiny pictures, and the shared data where it is at
// hand.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "cohort/core/error.hpp"

namespace cohort::data::testing {

namespace fs = std::filesystem;

/// A new empty folder, removed at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "cohort-test-XXXXXX").string();
    if (!mkdtemp(name.data())) throw Error("cannot make a temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// Writes a file, with the folders that lead to it.
inline fs::path write_file(const fs::path& path, std::string_view contents) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

inline std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

/// A binary PPM whose pixels follow from `value`; different values give different pictures.
inline std::string ppm(int width, int height, int value) {
  std::string text = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      text += static_cast<char>((value * 7 + x * 3) & 255);
      text += static_cast<char>((value * 13 + y * 5) & 255);
      text += static_cast<char>((value * 29 + x * y) & 255);
    }
  }
  return text;
}

/// The message of the E that `action` throws; fails the test when it throws none.
template <typename E>
std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Folder `name` of the shared data: below COHORT_SHARED_DATA, or beside the source tree. Nothing when
/// absent.
inline std::optional<fs::path> shared_data(std::string_view name) {
  const char* const given = std::getenv("COHORT_SHARED_DATA");
  const fs::path root = fs::path(__FILE__).parent_path().parent_path().parent_path().parent_path();
  const fs::path folder = (given ? fs::path(given) : root / ".." / "shared" / "data") / name;
  if (!fs::is_directory(folder)) return std::nullopt;
  return folder;
}

}  // namespace cohort::data::testing
