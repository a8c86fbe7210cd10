// Counter-based random numbers: a value depends on (seed, stream, draw, position) and on nothing else.
#pragma once

#include <array>
#include <cstdint>

namespace cohort {

/// Philox4x32-10 (Salmon et al., SC'11, "Parallel random numbers: as easy as 1, 2, 3").
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// Named streams. The numbers are part of numerics_version; append, never renumber.
enum class Stream : std::uint32_t {
  initial_weights = 1,
  draw_order = 2,
  augmentation = 3,
  balanced_sampling = 4,
  data_split = 5,
  synthetic_images = 6,
  test_inputs = 7,
  audit = 8,        ///< links and hidden subsets that a beacon chooses
  exploration = 9,  ///< settings that a proposer draws
};

/// An endless sequence of numbers for one (seed, stream, draw).
///
/// Layout    key = (low, high half of seed); counter = (block, low draw, high draw, stream); block counts
///           from 0; the four words of a block are consumed in order.
class RandomSequence {
 public:
  RandomSequence(std::uint64_t seed, Stream stream, std::uint64_t draw);

  /// The next 32 random bits.
  std::uint32_t next_u32();
  /// The next 64 random bits, low word first.
  std::uint64_t next_u64();
  /// Unbiased integer in [0, bound): Lemire's multiply and reject on 64 bits. Requires bound > 0.
  std::uint64_t below(std::uint64_t bound);
  /// (next_u64() >> 11) * 2^-53, in [0, 1).
  double uniform();
  /// low + (high - low) * uniform().
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal by Box-Muller through exact_math: radius sqrt(-2 log(1 - uniform())), then angle
  /// 2 pi uniform(); gives the cosine, keeps the sine for the next call.
  double normal();

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  double kept_normal_ = 0;
  bool has_kept_normal_ = false;
};

}  // namespace cohort
