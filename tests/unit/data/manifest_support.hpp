// What tests of manifests share: the words of a refusal, samples with their classes, a folder with a table.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/data/manifest.hpp"
#include "unit/data/support.hpp"

namespace cohort::data::testing {

using Names = std::vector<std::string>;

inline std::string refusal(const std::function<void()>& action) {
  return message_of<DataError>(action);
}

/// "id=class" of each sample, in order.
inline Names labelled(const Manifest& manifest) {
  Names names;
  for (const Sample& sample : manifest.samples) {
    names.push_back(sample.id + "=" + manifest.classes[static_cast<std::size_t>(sample.label)]);
  }
  return names;
}

inline bool warns(const Manifest& manifest, std::string_view part) {
  return std::ranges::any_of(manifest.warnings,
                             [&](const std::string& text) { return contains(text, part); });
}

/// A folder with images a … d in images/ and a table.
class LabelTable : public ::testing::Test {
 protected:
  LabelTable() {
    for (const char* name : {"a", "b", "c", "d"})
      write_file(folder_ / ("images/" + std::string(name) + ".jpg"), "x");
  }
  Manifest read(std::string_view table, const std::string& label_column = {}) const {
    return read_source(write_file(folder_ / "table.csv", table), label_column);
  }
  std::string refused(std::string_view table, const std::string& label_column = {}) const {
    return refusal([&] { read(table, label_column); });
  }
  TemporaryFolder folder_;
};

}  // namespace cohort::data::testing
