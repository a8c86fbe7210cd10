// Convolution cases as strings: n32c64h28w28k64r3s3u1p1 is 32 images of 64 channels of 28 x 28 pixels to 64
// channels through a 3 x 3 window, stride 1, padding 1 (p3x0: 3 above and below, 0 beside).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/table.hpp"

namespace cohort::bench {

inline const char* const kPasses[] = {"forward", "backward_data", "backward_weight"};

/// Every convolution of ResNet-18 (28 pixels, cifar stem, micro-batch 32), then shapes of larger inputs and
/// of other networks.
inline std::vector<std::string> default_conv_cases() {
  return {"n32c3h28w28k64r3s3u1p1",    "n32c64h28w28k64r3s3u1p1",   "n32c64h28w28k128r3s3u2p1",
          "n32c64h28w28k128r1s1u2p0",  "n32c128h14w14k128r3s3u1p1", "n32c128h14w14k256r3s3u2p1",
          "n32c128h14w14k256r1s1u2p0", "n32c256h7w7k256r3s3u1p1",   "n32c256h7w7k512r3s3u2p1",
          "n32c256h7w7k512r1s1u2p0",   "n32c512h4w4k512r3s3u1p1",   "n32c512h1w1k10r1s1u1p0",
          "n8c3h224w224k64r7s7u2p3",   "n8c64h56w56k64r3s3u1p1",    "n8c64h56w56k256r1s1u1p0",
          "n8c256h14w14k1024r1s1u1p0", "n8c1024h14w14k256r1s1u1p0", "n8c48h35w35k64r5s5u1p2",
          "n8c128h17w17k192r1s7u1p0x3"};
}

/// Throws UsageError when the text is no case.
inline kernels::ConvShape parse_conv_case(std::string_view text) {
  const auto refuse = [&] {
    return UsageError(concat("bench: '", text, "' is no convolution; write n32c64h28w28k64r3s3u1p1"));
  };
  std::map<char, std::string> fields;
  char letter = 0;
  for (const char c : text) {
    const bool is_digit = (c >= '0' && c <= '9') || (c == 'x' && letter == 'p');
    if (is_digit && letter) {
      fields[letter] += c;
    } else if (!is_digit && std::string_view("nchwkrsup").find(c) != std::string_view::npos) {
      letter = c;
    } else {
      throw refuse();
    }
  }
  const auto number = [&](const std::string& digits) {
    const auto value = parse_int(digits);
    if (!value || *value < 0 || *value > 100000) throw refuse();
    return static_cast<int>(*value);
  };
  const std::vector<std::string> pads = split(fields['p'], 'x');
  kernels::ConvShape shape{.images = number(fields['n']),
                           .source_channels = number(fields['c']),
                           .height = number(fields['h']),
                           .width = number(fields['w']),
                           .destination_channels = number(fields['k']),
                           .kernel_height = number(fields['r']),
                           .kernel_width = number(fields['s']),
                           .stride = number(fields['u']),
                           .pad_height = number(pads.front()),
                           .pad_width = number(pads.back())};
  shape.thin_source = shape.source_channels <= 4;
  if (shape.stride < 1 || shape.images < 1 || shape.destination_height() < 1 ||
      shape.destination_width() < 1) {
    throw refuse();
  }
  return shape;
}

/// The arrays of one case.
struct ConvArrays {
  kernels::ConvShape shape;
  AlignedBuffer<float> src, weight, d_dst, dst, d_src, d_weight;
  AlignedBuffer<std::byte> memory;

  ConvArrays(const kernels::ConvShape& of, std::size_t scratch_bytes)
      : shape(of),
        src(uniform(of.source_count(), 1)),
        weight(uniform(of.weight_count(), 2)),
        d_dst(uniform(of.destination_count(), 3)),
        dst(d_dst.size()),
        d_src(src.size()),
        d_weight(weight.size()),
        memory(scratch_bytes) {}

  /// One pass of kPasses, on one thread.
  void run(const kernels::Table<float>& table, std::string_view pass) {
    const kernels::Scratch scratch{memory.data(), memory.size()};
    if (pass == kPasses[0]) {
      table.conv_forward(shape, src.data(), weight.data(), dst.data(), scratch, {});
    } else if (pass == kPasses[1]) {
      table.conv_backward_data(shape, d_dst.data(), weight.data(), d_src.data(), false, scratch, {});
    } else {
      table.conv_backward_weight(shape, src.data(), d_dst.data(), d_weight.data(), scratch, {});
    }
  }

 private:
  static AlignedBuffer<float> uniform(std::int64_t count, std::uint64_t draw) {
    AlignedBuffer<float> values(static_cast<std::size_t>(count));
    RandomSequence random(1, Stream::test_inputs, draw);
    for (float& value : values.span()) value = static_cast<float>(random.uniform(-1, 1));
    return values;
  }
};

}  // namespace cohort::bench
