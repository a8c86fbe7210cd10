#include "cohort/train/gradient_sum.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"

namespace cohort::train {
namespace {

// A piece is what one lock guards: long enough that locking costs nothing beside the addition (256 KiB of
// integers), short enough that threads finishing the same layer follow each other closely.
constexpr std::int64_t kPiece = 32768;

std::size_t pieces(std::int64_t count) {
  return static_cast<std::size_t>((count + kPiece - 1) / kPiece);
}

}  // namespace

ExactSum::ExactSum(std::int64_t count, int scale_bits, const kernels::Table<float>& table)
    : table_(&table),
      scale_bits_(scale_bits),
      sums_(static_cast<std::size_t>(count)),
      locks_(pieces(count)) {}

void ExactSum::clear(int index, int count) {
  const auto size = static_cast<std::int64_t>(sums_.size());
  const std::int64_t begin = size * index / count, end = size * (index + 1) / count;
  std::fill(sums_.data() + begin, sums_.data() + end, std::int64_t{0});
  if (index == 0) rejected_.store(0);
}

void ExactSum::add(std::int64_t offset, std::span<const float> values) {
  const std::int64_t end = offset + static_cast<std::int64_t>(values.size());
  require(offset >= 0 && end <= static_cast<std::int64_t>(sums_.size()), "ExactSum::add: outside the buffer");
  std::int64_t rejected = 0;
  for (std::int64_t begin = offset; begin < end;) {
    const std::int64_t piece = begin / kPiece;
    const std::int64_t count = std::min(end, (piece + 1) * kPiece) - begin;
    const std::lock_guard lock(locks_[static_cast<std::size_t>(piece)]);
    rejected += table_->accumulate_fixed_point(count, scale_bits_, values.data() + (begin - offset),
                                               sums_.data() + begin);
    begin += count;
  }
  if (rejected > 0) rejected_.fetch_add(rejected);
}

GradientSum::GradientSum(const nn::StateLayout& layout, const kernels::Table<float>& table)
    : ExactSum(layout.parameter_count, kGradientScaleBits, table) {}

void GradientSum::add(const nn::Tensor& tensor, std::span<const float> gradient) {
  require(static_cast<std::int64_t>(gradient.size()) == tensor.count, "GradientSum::add: a whole tensor");
  add(tensor.offset, gradient);
}

}  // namespace cohort::train
