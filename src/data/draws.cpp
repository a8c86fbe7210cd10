#include "cohort/data/draws.hpp"

#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::data {
namespace {

// Draw numbers of the balanced stream: blocks of classes count from 0; the passes over the class with label c
// count from (c + 1) * 2^40.
constexpr int kClassShift = 40;

std::vector<std::int32_t> shuffle(std::int64_t count, RandomSequence random) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

RandomSequence balanced_random(std::uint64_t seed, std::int64_t class_field, std::int64_t number) {
  require(number < std::int64_t{1} << kClassShift, "DrawSequence: a run may take 2^40 passes at most");
  return {seed, Stream::balanced_sampling, static_cast<std::uint64_t>(class_field << kClassShift | number)};
}

}  // namespace

std::vector<std::int32_t> permutation(std::int64_t count, std::uint64_t seed, std::int64_t pass) {
  require(count >= 0 && count <= std::numeric_limits<std::int32_t>::max() && pass >= 0,
          "permutation: the count must fit 31 bits, the pass must not be negative");
  return shuffle(count, RandomSequence(seed, Stream::draw_order, static_cast<std::uint64_t>(pass)));
}

DrawSequence::DrawSequence(std::vector<std::int32_t> indices, std::span<const std::int32_t> labels,
                           std::uint64_t seed, Sampling sampling)
    : indices_(std::move(indices)), seed_(seed), sampling_(sampling) {
  if (indices_.empty()) throw DataError("draw samples: this part of the data set holds no sample");
  std::map<std::int32_t, std::vector<std::int32_t>> by_label;
  for (const std::int32_t index : indices_) {
    require(index >= 0 && static_cast<std::size_t>(index) < labels.size(), "DrawSequence: no such sample");
    if (sampling_ == Sampling::balanced) by_label[labels[static_cast<std::size_t>(index)]].push_back(index);
  }
  for (auto& [label, members] : by_label) {
    require(label >= 0 && label < 1 << 20, "DrawSequence: labels run from 0 to 2^20 at most");
    classes_.push_back({label, std::move(members), {}});
  }
}

void DrawSequence::samples(std::int64_t first_draw, std::span<std::int32_t> samples) {
  require(first_draw >= 0, "DrawSequence: draws count from 0");
  for (std::int32_t& sample : samples) {
    sample = sampling_ == Sampling::balanced ? balanced_draw(first_draw) : shuffled_draw(first_draw);
    ++first_draw;
  }
}

std::int32_t DrawSequence::shuffled_draw(std::int64_t draw) {
  const std::int64_t pass = draw / size();
  if (order_.number != pass) order_ = {pass, permutation(size(), seed_, pass)};
  return indices_[static_cast<std::size_t>(order_.positions[static_cast<std::size_t>(draw % size())])];
}

std::int32_t DrawSequence::balanced_draw(std::int64_t draw) {
  const auto class_count = static_cast<std::int64_t>(classes_.size());
  const std::int64_t block = draw / class_count;
  if (order_.number != block) order_ = {block, shuffle(class_count, balanced_random(seed_, 0, block))};
  const auto position = static_cast<std::size_t>(draw % class_count);
  ClassMembers& chosen = classes_[static_cast<std::size_t>(order_.positions[position])];

  const auto member_count = static_cast<std::int64_t>(chosen.indices.size());
  const std::int64_t pass = block / member_count;
  if (chosen.order.number != pass) {
    chosen.order = {pass,
                    shuffle(member_count, balanced_random(seed_, chosen.label + std::int64_t{1}, pass))};
  }
  const auto member = static_cast<std::size_t>(block % member_count);
  return chosen.indices[static_cast<std::size_t>(chosen.order.positions[member])];
}

}  // namespace cohort::data
