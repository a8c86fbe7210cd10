#include "cohort/core/aligned_buffer.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace cohort {
namespace {

TEST(AlignedBuffer, IsAlignedAndZero) {
  for (const std::size_t count : {1u, 7u, 16u, 1000u}) {
    const AlignedBuffer<float> buffer(count);
    EXPECT_EQ(buffer.size(), count);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0u);
    for (const float value : buffer.span()) EXPECT_EQ(value, 0.0f);
  }
}

TEST(AlignedBuffer, MayBeEmpty) {
  EXPECT_EQ(AlignedBuffer<double>().data(), nullptr);
  EXPECT_EQ(AlignedBuffer<double>(0).size(), 0u);
}

TEST(AlignedBuffer, MovesItsMemory) {
  AlignedBuffer<int> first(3);
  first[2] = 5;
  const int* const data = first.data();
  AlignedBuffer<int> second(std::move(first));
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(first.size(), 0u);  // NOLINT: moved-from is empty by contract
  AlignedBuffer<int> third(10);
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(third[2], 5);
  EXPECT_EQ(third.size(), 3u);
}

}  // namespace
}  // namespace cohort
