// A folder of its own for each test that writes files.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

namespace cohort::store {

class FolderTest : public testing::Test {
 protected:
  FolderTest()
      : folder_(std::filesystem::path(testing::TempDir()) / ("store_test_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] static std::set<std::string> names_in(const std::filesystem::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
      names.insert(entry.path().filename().string());
    return names;
  }
  [[nodiscard]] int file_count() const { return static_cast<int>(names_in(folder_).size()); }

 private:
  std::filesystem::path folder_;
};

/// The message of the E that `action` throws; fails the test when it throws none.
template <typename E, typename Action>
std::string message_of(const Action& action) {
  try {
    static_cast<void>(action());
  } catch (const E& e) {
    return e.what();
  }
  ADD_FAILURE() << "did not throw";
  return "";
}

}  // namespace cohort::store
