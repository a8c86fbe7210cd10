#include <gtest/gtest.h>

#include <cmath>

#include "cohort/core/text.hpp"
#include "cohort/kernels/layout.hpp"
#include "unit/kernels/arrays.hpp"
#include "unit/kernels/problem_shapes.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;
using Buffer = AlignedBuffer<float>;

// Several groups of images, a last group that is smaller, more than four destination blocks, strides, a thin
// stem, a linear layer.
const ConvShape kShapes[] = {
    conv_shape(5, 20, 17, 13, 35, 3, 3, 1, 1, 1),      conv_shape(3, 16, 9, 8, 90, 1, 3, 2, 0, 1),
    thin(conv_shape(2, 3, 21, 20, 16, 7, 7, 2, 3, 3)), conv_shape(7, 50, 1, 1, 9, 1, 1, 1, 0, 0),
    conv_shape(2, 4, 6, 5, 4, 1, 1, 2, 0, 0),
};

struct Convolved {
  Buffer dst, d_src, d_weight;
};

struct Inputs {
  Buffer src, weight, d_dst;
  explicit Inputs(const ConvShape& shape) {
    const MapShape source{shape.images, shape.source_channels, shape.height, shape.width};
    src = shape.thin_source ? uniform<float>(shape.source_count(), 1) : uniform_maps<float>(source, 1);
    const Buffer canonical = uniform<float>(std::int64_t{shape.destination_channels} * shape.source_channels *
                                                shape.kernel_height * shape.kernel_width,
                                            2);
    weight = unwritten<float>(shape.weight_count());
    block_weight<float>(shape, canonical.span(), weight.span());
    d_dst = uniform_maps<float>(
        {shape.images, shape.destination_channels, shape.destination_height(), shape.destination_width()}, 3);
  }
};

Convolved run(const ConvShape& shape, const Inputs& in, int parts, bool accumulate = false) {
  const Table<float>& table = blas_table();
  Convolved out{unwritten<float>(shape.destination_count()), unwritten<float>(shape.source_count()),
                unwritten<float>(shape.weight_count())};
  AlignedBuffer<std::byte> memory(table.conv_scratch_bytes(shape));
  if (accumulate) out.d_src = copy_of(in.src);
  run_parts(parts, [&](Part part) {
    for (std::byte& byte : memory.span()) byte = std::byte{0xff};  // what an earlier kernel left behind
    const Scratch scratch{memory.data(), memory.size()};
    table.conv_forward(shape, in.src.data(), in.weight.data(), out.dst.data(), scratch, part);
    if (!shape.thin_source) {
      table.conv_backward_data(shape, in.d_dst.data(), in.weight.data(), out.d_src.data(), accumulate,
                               scratch, part);
    }
    table.conv_backward_weight(shape, in.src.data(), in.d_dst.data(), out.d_weight.data(), scratch, part);
  });
  return out;
}

TEST(Blas, AgreesWithTheDoubleReference) {
  const Table<double>& reference = reference_table();
  for (const ConvShape& shape : kShapes) {
    SCOPED_TRACE(concat("channels ", shape.source_channels, " height ", shape.height));
    const Inputs in(shape);
    const auto src = widened(in.src), weight = widened(in.weight), d_dst = widened(in.d_dst);
    auto dst = unwritten<double>(shape.destination_count()),
         d_weight = unwritten<double>(shape.weight_count());
    reference.conv_forward(shape, src.data(), weight.data(), dst.data(), {}, {});
    reference.conv_backward_weight(shape, src.data(), d_dst.data(), d_weight.data(), {}, {});
    const Convolved out = run(shape, in, 1);
    const double window = shape.kernel_height * shape.kernel_width, epsilon = 6e-8;
    EXPECT_TRUE(near(dst, out.dst, epsilon * shape.source_channels * window));
    EXPECT_TRUE(near(d_weight, out.d_weight,
                     epsilon * shape.images * shape.destination_height() * shape.destination_width()));
    if (shape.thin_source) continue;
    for (const bool accumulate : {false, true}) {
      auto d_src = accumulate ? widened(in.src) : unwritten<double>(shape.source_count());
      reference.conv_backward_data(shape, d_dst.data(), weight.data(), d_src.data(), accumulate, {}, {});
      EXPECT_TRUE(
          near(d_src, run(shape, in, 1, accumulate).d_src, epsilon * shape.destination_channels * window));
    }
  }
}

TEST(Blas, HasTheSameBitsForEveryPartition) {
  for (const ConvShape& shape : kShapes) {
    const Inputs in(shape);
    const Convolved expected = run(shape, in, 1);
    for (const int parts : partitions()) {
      const Convolved actual = run(shape, in, parts);
      EXPECT_TRUE(same_bits(expected.dst, actual.dst)) << parts;
      EXPECT_TRUE(same_bits(expected.d_src, actual.d_src)) << parts;
      EXPECT_TRUE(same_bits(expected.d_weight, actual.d_weight)) << parts;
    }
  }
}

TEST(Blas, BorrowsEverythingElseFromTheBestExactTable) {
  const Table<float>& best = exact_table("auto");
  EXPECT_EQ(blas_table().batch_norm_forward, best.batch_norm_forward);
  EXPECT_EQ(blas_table().adamw_step, best.adamw_step);
  EXPECT_NE(blas_table().conv_forward, best.conv_forward);
}

TEST(Blas, SaysThatItCannotBeReplayedAndWhatItIs) {
  EXPECT_FALSE(blas_table().is_replayable);
  EXPECT_STREQ(blas_table().name, "blas");
  EXPECT_NE(blas_description().find("OpenBLAS"), std::string::npos) << blas_description();
}

}  // namespace
}  // namespace cohort::kernels
