// Runs of convolution that its tests share, and the comparison of their bits.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/table.hpp"
#include "unit/kernels/convolution_inputs.hpp"

namespace cohort::kernels {

inline std::string describe(const ConvShape& s) {
  return concat("n", s.images, "c", s.source_channels, "h", s.height, "w", s.width, "k",
                s.destination_channels, "r", s.kernel_height, "s", s.kernel_width, "u", s.stride, "p",
                s.pad_height, ",", s.pad_width, s.thin_source ? " thin" : "");
}

/// What a value means when bits are compared: all NaN are one.
inline std::uint32_t bits_of(float value) {
  return std::isnan(value) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(value);
}

template <typename Values, typename Expected>
void expect_same_bits(const Values& values, const Expected& expected, const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  std::size_t different = 0, first = 0;
  for (std::size_t i = values.size(); i-- > 0;) {
    if (bits_of(values[i]) != bits_of(expected[i])) {
      ++different;
      first = i;
    }
  }
  EXPECT_EQ(different, 0u) << what << ": first at " << first << ": " << values[first] << " instead of "
                           << expected[first];
}

/// Runs one table on one shape. Outputs and scratch hold NaN before each part, so that whatever a kernel
/// fails to write, or reads without having written it, shows; a guard behind the scratch finds overruns.
class ConvRunner {
 public:
  ConvRunner(const Table<float>& table, const ConvShape& shape)
      : table_(table),
        shape_(shape),
        bytes_(table.conv_scratch_bytes(shape)),
        scratch_(bytes_ + kGuardBytes) {}

  AlignedBuffer<float> forward(const ConvInputs& in, int parts = 1) {
    AlignedBuffer<float> dst = nan_buffer(shape_.destination_count());
    for_each_part(parts, [&](Part part) {
      table_.conv_forward(shape_, in.src.data(), in.weight.data(), dst.data(), scratch(), part);
    });
    return dst;
  }
  AlignedBuffer<float> backward_data(const ConvInputs& in, bool accumulate, int parts = 1) {
    AlignedBuffer<float> d_src = nan_buffer(shape_.source_count());
    if (accumulate) std::memcpy(d_src.data(), in.start.data(), d_src.size() * sizeof(float));
    for_each_part(parts, [&](Part part) {
      table_.conv_backward_data(shape_, in.d_dst.data(), in.weight.data(), d_src.data(), accumulate,
                                scratch(), part);
    });
    return d_src;
  }
  AlignedBuffer<float> backward_weight(const ConvInputs& in, int parts = 1) {
    AlignedBuffer<float> d_weight = nan_buffer(shape_.weight_count());
    for_each_part(parts, [&](Part part) {
      table_.conv_backward_weight(shape_, in.src.data(), in.d_dst.data(), d_weight.data(), scratch(), part);
    });
    return d_weight;
  }

 private:
  static constexpr std::size_t kGuardBytes = 1024;

  static AlignedBuffer<float> nan_buffer(std::int64_t count) {
    AlignedBuffer<float> buffer(static_cast<std::size_t>(count));
    std::memset(buffer.data(), 0xff, buffer.size() * sizeof(float));
    return buffer;
  }
  /// Last part first: the order must not matter.
  template <typename Run>
  void for_each_part(int parts, Run run) {
    for (int i = parts; i-- > 0;) {
      std::memset(scratch_.data(), 0xff, scratch_.size());
      run(Part{i, parts});
      for (std::size_t byte = bytes_; byte < scratch_.size(); ++byte) {
        ASSERT_EQ(scratch_[byte], std::byte{0xff}) << "wrote behind the scratch";
      }
    }
  }
  Scratch scratch() { return {scratch_.data(), bytes_}; }

  const Table<float>& table_;
  ConvShape shape_;
  std::size_t bytes_;
  AlignedBuffer<std::byte> scratch_;
};

}  // namespace cohort::kernels
