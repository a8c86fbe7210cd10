// Convolution in all exact tables: the bits of the definition, whatever the partition; errors against double.
#include <gtest/gtest.h>

#include "cohort/kernels/select.hpp"
#include "unit/kernels/convolution_case.hpp"
#include "unit/kernels/problem_shapes.hpp"

namespace cohort::kernels {
namespace {

/// n c h w k r s u ph pw; thin with at most four channels.
ConvShape make_shape(int n, int c, int h, int w, int k, int r, int s, int u, int ph, int pw) {
  const ConvShape shape = testing::conv_shape(n, c, h, w, k, r, s, u, ph, pw);
  return c <= 4 ? testing::thin(shape) : shape;
}

std::vector<ConvShape> hard_shapes() {
  return {
      make_shape(1, 16, 1, 1, 16, 1, 1, 1, 0, 0),     // the smallest
      make_shape(5, 37, 1, 1, 10, 1, 1, 1, 0, 0),     // linear
      make_shape(4, 3, 11, 9, 32, 3, 3, 1, 1, 1),     // small stem
      make_shape(2, 3, 21, 23, 24, 7, 7, 2, 3, 3),    // large stem
      make_shape(3, 1, 9, 14, 20, 5, 3, 2, 2, 1),     // grey images
      make_shape(2, 4, 6, 7, 17, 2, 4, 3, 0, 2),      // four channels, even window
      make_shape(3, 2, 5, 5, 16, 1, 1, 2, 0, 0),      // thin 1x1 with stride
      make_shape(2, 24, 13, 8, 40, 3, 3, 1, 1, 1),    // channels that do not fill their lanes
      make_shape(2, 33, 9, 10, 50, 3, 3, 2, 1, 1),    // stride 2, odd block counts
      make_shape(3, 48, 7, 7, 48, 1, 1, 2, 0, 0),     // 1x1 with stride: most of d_src gets no tap
      make_shape(2, 32, 8, 6, 32, 1, 1, 2, 1, 0),     // 1x1 with stride and padding
      make_shape(2, 20, 10, 12, 18, 1, 7, 1, 0, 3),   // 1x7
      make_shape(2, 20, 12, 10, 18, 7, 1, 2, 3, 0),   // 7x1 with stride
      make_shape(1, 16, 6, 5, 16, 3, 3, 1, 4, 5),     // padding wider than the window
      make_shape(2, 17, 9, 9, 31, 3, 2, 4, 1, 0),     // stride wider than the window
      make_shape(1, 16, 2, 3, 16, 2, 3, 5, 0, 0),     // stride wider than the map
      make_shape(1, 16, 1, 1, 16, 1, 1, 2, 1, 1),     // only padding is ever read
      make_shape(3, 16, 9, 9, 16, 3, 3, 2, 0, 0),     // the last row and column are never read
      make_shape(13, 32, 4, 4, 32, 3, 3, 1, 1, 1),    // tiles over several images
      make_shape(2, 150, 5, 5, 16, 3, 3, 1, 1, 1),    // several chunks of source blocks
      make_shape(1, 16, 5, 5, 150, 3, 3, 1, 1, 1),    // several chunks of destination blocks
      make_shape(1, 560, 3, 3, 20, 1, 1, 1, 0, 0),    // several chunks, 1x1
      make_shape(1, 17, 130, 70, 16, 3, 3, 1, 1, 1),  // several bands of rows
      make_shape(1, 3, 260, 190, 16, 5, 5, 4, 2, 2),  // several bands of rows, thin
  };
}

ConvShape random_shape(RandomSequence& random) {
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low + 1)));
  };
  while (true) {
    const bool is_thin = draw(0, 3) == 0, is_pointwise = draw(0, 3) == 0;
    ConvShape shape = make_shape(draw(1, 7), is_thin ? draw(1, 4) : draw(5, 90), draw(1, 17), draw(1, 17),
                                 draw(1, 90), is_pointwise ? 1 : draw(1, 7), is_pointwise ? 1 : draw(1, 7),
                                 draw(1, 4), draw(0, 3), draw(0, 3));
    if (shape.height + 2 * shape.pad_height < shape.kernel_height) continue;
    if (shape.width + 2 * shape.pad_width < shape.kernel_width) continue;
    if (shape.flops() < 4e6) return shape;
  }
}

void expect_definition(const ConvShape& shape, const ConvInputs& in) {
  const auto dst = definition::forward(shape, in.src.data(), in.weight.data());
  const auto d_weight = definition::backward_weight(shape, in.src.data(), in.d_dst.data());
  std::vector<float> d_src, d_src_added;
  if (!shape.thin_source) {
    d_src = definition::backward_data(shape, in.d_dst.data(), in.weight.data(),
                                      std::vector<float>(in.src.size()));
    d_src_added =
        definition::backward_data(shape, in.d_dst.data(), in.weight.data(),
                                  std::vector<float>(in.start.data(), in.start.data() + in.start.size()));
  }
  for (const Isa isa : available_isas()) {
    ConvRunner runner(exact_table(isa), shape);
    for (const int parts : {1, 2, 3, 5}) {
      const std::string name = concat(describe(shape), " on ", name_of(isa), " in ", parts, " parts: ");
      expect_same_bits(runner.forward(in, parts), dst, name + "forward");
      expect_same_bits(runner.backward_weight(in, parts), d_weight, name + "backward weight");
      if (shape.thin_source) continue;
      expect_same_bits(runner.backward_data(in, false, parts), d_src, name + "backward data");
      expect_same_bits(runner.backward_data(in, true, parts), d_src_added,
                       name + "accumulating backward data");
    }
  }
}

TEST(Convolution, FollowsTheDefinitionOnHardShapes) {
  std::uint64_t draw = 0;
  for (const ConvShape& shape : hard_shapes()) {
    expect_definition(shape, ConvInputs(shape, draw++, random_value));
    if (HasFailure()) return;
  }
}

TEST(Convolution, FollowsTheDefinitionOnRandomShapes) {
  RandomSequence random(2, Stream::test_inputs, 0);
  for (std::uint64_t draw = 1000; draw < 1060; ++draw) {
    const ConvShape shape = random_shape(random);
    expect_definition(shape, ConvInputs(shape, draw, random_value));
    if (HasFailure()) return;
  }
}

TEST(Convolution, TreatsSpecialValuesAlike) {
  std::uint64_t draw = 2000;
  for (const ConvShape& shape :
       {make_shape(2, 20, 7, 6, 24, 3, 3, 1, 1, 1), make_shape(2, 3, 9, 9, 24, 3, 3, 2, 1, 1),
        make_shape(2, 20, 7, 6, 24, 1, 1, 2, 0, 0), make_shape(3, 16, 5, 5, 16, 3, 3, 2, 1, 1)}) {
    expect_definition(shape, ConvInputs(shape, draw++, special_value));
  }
}

TEST(Convolution, TreatsSubnormalsAlike) {
  const auto tiny = [](RandomSequence& random) { return random_value(random) * 1e-20f; };
  std::uint64_t draw = 2100;
  for (const ConvShape& shape :
       {make_shape(2, 20, 7, 6, 24, 3, 3, 1, 1, 1), make_shape(2, 3, 9, 9, 24, 3, 3, 2, 1, 1)}) {
    expect_definition(shape, ConvInputs(shape, draw++, tiny));
  }
}

/// Layers of the size that is trained, where every level of blocking is at work: all tables and partitions
/// agree, and sampled elements follow the definition.
TEST(Convolution, FollowsTheDefinitionAtFullSize) {
  std::uint64_t draw = 3000;
  for (const ConvShape& shape :
       {make_shape(5, 64, 28, 28, 64, 3, 3, 1, 1, 1), make_shape(16, 256, 4, 4, 80, 3, 3, 1, 1, 1),
        make_shape(2, 300, 14, 15, 72, 1, 1, 2, 0, 0), make_shape(3, 64, 57, 56, 48, 3, 3, 2, 1, 1),
        make_shape(2, 3, 112, 110, 64, 7, 7, 2, 3, 3)}) {
    const ConvInputs in(shape, draw++, random_value);
    RandomSequence random(3, Stream::test_inputs, draw);
    const auto below = [&](int bound) {
      return static_cast<int>(random.below(static_cast<std::uint64_t>(bound)));
    };
    for (const Isa isa : available_isas()) {
      if (isa == Isa::scalar) continue;  // minutes on processors without FMA; small shapes cover it
      ConvRunner runner(exact_table(isa), shape);
      const auto dst = runner.forward(in, 2), d_weight = runner.backward_weight(in, 2);
      for (int i = 0; i < 200; ++i) {
        const int n = below(shape.images), k = below(shape.destination_channels);
        const int p = below(shape.destination_height()), q = below(shape.destination_width());
        const auto index = static_cast<std::size_t>(definition::destination_index(shape, n, k, p, q));
        EXPECT_EQ(bits_of(dst[index]),
                  bits_of(definition::forward(shape, in.src.data(), in.weight.data(), n, k, p, q)));
      }
      for (int i = 0; i < 200; ++i) {
        const int k = below(shape.destination_channels), c = below(shape.source_channels);
        const int r = below(shape.kernel_height), s = below(shape.kernel_width);
        const auto index = static_cast<std::size_t>(definition::weight_index(shape, k, c, r, s));
        EXPECT_EQ(bits_of(d_weight[index]),
                  bits_of(definition::backward_weight(shape, in.src.data(), in.d_dst.data(), k, c, r, s)));
      }
      if (shape.thin_source) continue;
      const auto d_src = runner.backward_data(in, false, 2);
      for (int i = 0; i < 200; ++i) {
        const int n = below(shape.images), c = below(shape.source_channels);
        const int h = below(shape.height), w = below(shape.width);
        const auto index = static_cast<std::size_t>(definition::source_index(shape, n, c, h, w));
        EXPECT_EQ(bits_of(d_src[index]), bits_of(definition::backward_data(
                                             shape, in.d_dst.data(), in.weight.data(), 0.0f, n, c, h, w)));
      }
    }
  }
}

TEST(Convolution, AllowsMorePartsThanWork) {
  const ConvShape shape = make_shape(1, 16, 3, 3, 16, 3, 3, 1, 1, 1);
  const ConvInputs in(shape, 4000, random_value);
  for (const Isa isa : available_isas()) {
    ConvRunner runner(exact_table(isa), shape);
    expect_same_bits(runner.forward(in, 40), runner.forward(in), "forward");
    expect_same_bits(runner.backward_data(in, false, 40), runner.backward_data(in, false), "backward data");
    expect_same_bits(runner.backward_weight(in, 40), runner.backward_weight(in), "backward weight");
  }
}

TEST(Convolution, LeavesUnusedLanesZero) {
  const ConvShape shape = make_shape(2, 19, 6, 5, 21, 3, 3, 2, 1, 1);
  const ConvInputs in(shape, 5000, random_value);
  for (const Isa isa : available_isas()) {
    ConvRunner runner(exact_table(isa), shape);
    const auto dst = runner.forward(in);
    for (std::size_t i = 0; i < dst.size(); ++i) {
      const std::size_t block = i / (16 * 9) % 2, lane = i % 16;
      if (block * 16 + lane >= 21) {
        ASSERT_EQ(bits_of(dst[i]), 0u) << i;
      }
    }
    const auto d_weight = runner.backward_weight(in);
    for (std::size_t i = 0; i < d_weight.size(); ++i) {
      const std::size_t source = i / (16 * 16 * 9) % 2 * 16 + i / 16 % 16;
      const std::size_t destination = i / (16 * 16 * 9 * 2) * 16 + i % 16;
      if (source >= 19 || destination >= 21) {
        ASSERT_EQ(bits_of(d_weight[i]), 0u) << i;
      }
    }
  }
}

/// The error of a chain of n fused multiply-adds is at most n * 2^-24 / (1 - n * 2^-24) of the sum of
/// magnitudes.
void expect_near(const AlignedBuffer<float>& values, const std::vector<double>& exact,
                 const std::vector<double>& magnitude, double length, const std::string& what) {
  const double relative = length * 0x1p-24 / (1 - length * 0x1p-24);
  ASSERT_EQ(values.size(), exact.size());
  for (std::size_t i = 0; i < exact.size(); ++i) {
    ASSERT_LE(std::abs(values[i] - exact[i]), relative * magnitude[i]) << what << " at " << i;
  }
}

TEST(Convolution, StaysWithinTheErrorOfItsLength) {
  std::uint64_t draw = 6000;
  for (const ConvShape& shape :
       {make_shape(3, 40, 9, 11, 24, 3, 3, 1, 1, 1), make_shape(2, 3, 17, 15, 24, 7, 7, 2, 3, 3),
        make_shape(3, 24, 10, 9, 40, 3, 3, 2, 1, 1), make_shape(4, 90, 1, 1, 20, 1, 1, 1, 0, 0)}) {
    const ConvInputs in(shape, draw++, random_value);
    const auto widen = [](const AlignedBuffer<float>& from, bool magnitude) {
      std::vector<double> to(from.data(), from.data() + from.size());
      for (double& value : to) value = magnitude ? std::abs(value) : value;
      return to;
    };
    const auto x = widen(in.src, false), w = widen(in.weight, false), g = widen(in.d_dst, false);
    const auto ax = widen(in.src, true), aw = widen(in.weight, true), ag = widen(in.d_dst, true);
    ConvRunner runner(exact_table("auto"), shape);
    const double window = shape.kernel_height * shape.kernel_width;
    expect_near(runner.forward(in), definition::forward(shape, x.data(), w.data()),
                definition::forward(shape, ax.data(), aw.data()),
                window * definition::source_lane_count(shape), describe(shape) + " forward");
    expect_near(runner.backward_weight(in), definition::backward_weight(shape, x.data(), g.data()),
                definition::backward_weight(shape, ax.data(), ag.data()),
                double{1} * shape.images * shape.destination_height() * shape.destination_width(),
                describe(shape) + " backward weight");
    if (shape.thin_source) continue;
    const std::vector<double> zero(in.src.size());
    expect_near(runner.backward_data(in, false), definition::backward_data(shape, g.data(), w.data(), zero),
                definition::backward_data(shape, ag.data(), aw.data(), zero),
                window * definition::destination_lane_count(shape), describe(shape) + " backward data");
  }
}

}  // namespace
}  // namespace cohort::kernels
