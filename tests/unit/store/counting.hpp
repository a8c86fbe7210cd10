// Arrays that count, for tests of what is stored.
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "cohort/store/container.hpp"

namespace cohort::store {

/// Counts up from `start`; any element type.
template <typename T>
std::vector<T> counting(std::size_t count, T start) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), start);
  return values;
}

template <typename T>
void write_counting(ContainerWriter& writer, const std::string& name, const Extents& extents) {
  std::size_t count = 1;
  for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
  const auto values = counting<T>(count, T{1});
  writer.write<T>(name, extents, values);
}

}  // namespace cohort::store
