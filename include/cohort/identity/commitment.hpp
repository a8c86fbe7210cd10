// Promises that can be checked later: commitments, the beacon, seeds bound to a key.
//
// All are SHA-256 over a tag that ends in NUL and fields of fixed length, integers little-endian
// (docs/formats.md, "Commitments").
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cohort/core/digest.hpp"
#include "cohort/identity/keys.hpp"

namespace cohort::identity {

/// What a member promises before the beacon is known.
struct Commitment {
  Digest round{};  ///< round::Task digest chained with the round's number
  PublicKey key{};
  Digest state_root{};  ///< digest of the submission
  std::uint64_t correct = 0, samples = 0;
  Digest evaluation_root{};  ///< digest of the data that the counts refer to
  Digest salt{};
};

/// SHA-256(tag ‖ round ‖ key ‖ state_root ‖ u64 correct ‖ u64 samples ‖ evaluation_root ‖ salt); `tag` gets
/// its NUL appended.
Digest commit(const Commitment& promise, std::string_view tag = "cohort/commit/v1");

/// The digest that identifies one round of a task.
Digest round_digest(const Digest& task, std::uint64_t round);

/// Where a member's training in a round starts its random numbers: SHA-256("cohort/seed/v1\0" ‖ round ‖ key ‖
/// registration beacon). Another's model cannot be replayed from one's own seed.
Digest identity_seed(const Digest& round, const PublicKey& key, const Digest& registration_beacon);

/// The coordinator's promise of its secret, published with the task.
Digest secret_commitment(const Digest& secret);

/// What nobody could know before all commitments were in: SHA-256("cohort/beacon/v1\0" ‖ secret ‖ round ‖ u64
/// count ‖ commitments in ascending byte order).
Digest beacon(const Digest& secret, const Digest& round, std::span<const Digest> commitments);

/// Unbiased integer below `bound` number `index` of the stream that `seed` starts (Philox keyed by the seed's
/// first eight bytes, little-endian). Requires bound > 0.
std::uint64_t draw_below(const Digest& seed, std::uint64_t index, std::uint64_t bound);

}  // namespace cohort::identity
