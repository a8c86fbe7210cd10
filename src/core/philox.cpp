#include "cohort/core/philox.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"

namespace cohort {
namespace {

__extension__ typedef unsigned __int128 Uint128;

// Multipliers and Weyl increments of Philox4x32, Salmon et al. 2011, table 2 and section 4.3.
constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

constexpr std::uint32_t low_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {high_half(product1) ^ counter[1] ^ key[0], low_half(product1),
               high_half(product0) ^ counter[3] ^ key[1], low_half(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

RandomSequence::RandomSequence(std::uint64_t seed, Stream stream, std::uint64_t draw)
    : key_{low_half(seed), high_half(seed)},
      counter_{0, low_half(draw), high_half(draw), static_cast<std::uint32_t>(stream)} {}

std::uint32_t RandomSequence::next_u32() {
  if (used_ == 4) {
    block_ = philox4x32(counter_, key_);
    require(++counter_[0] != 0, "RandomSequence: one draw may use 2^34 numbers at most");
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

std::uint64_t RandomSequence::next_u64() {
  const std::uint64_t low = next_u32();
  const std::uint64_t high = next_u32();
  return high << 32 | low;
}

std::uint64_t RandomSequence::below(std::uint64_t bound) {
  require(bound > 0, "RandomSequence::below: the bound must be positive");
  // The high half of value * bound is the result. Of the 2^64 values, 2^64 mod bound too many map to some
  // results; those whose low half falls below that remainder are drawn again.
  Uint128 product = static_cast<Uint128>(next_u64()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t remainder = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < remainder) {
      product = static_cast<Uint128>(next_u64()) * bound;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double RandomSequence::uniform() {
  return static_cast<double>(next_u64() >> 11) * 0x1p-53;
}

double RandomSequence::normal() {
  if (has_kept_normal_) {
    has_kept_normal_ = false;
    return kept_normal_;
  }
  const double radius = exact::sqrt(-2.0 * exact::log(1.0 - uniform()));
  const double angle = 2.0 * exact::kPi * uniform();
  kept_normal_ = radius * exact::sin(angle);
  has_kept_normal_ = true;
  return radius * exact::cos(angle);
}

}  // namespace cohort
