// SHA-256 over bytes, and the Merkle root that lets subsets of a data set keep their meaning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace cohort {

/// A SHA-256 value.
using Digest = std::array<std::uint8_t, 32>;

/// Two lower-case hexadecimal digits a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);
/// Throws DataError unless the text is 64 hexadecimal digits.
Digest digest_from_hex(std::string_view hex);

/// Incremental SHA-256 (FIPS 180-4).
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  /// Appends bytes to what is hashed; returns *this for chaining, like all updates.
  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view text);
  /// Eight bytes, little-endian.
  Sha256& update_u64(std::uint64_t value);
  /// Text preceded by its length (update_u64), so that neighbouring fields cannot run together.
  Sha256& update_field(std::string_view text);
  /// The digest of all that was appended. Requires to be the last call.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A hash that begins with `tag` and a NUL, so that no two kinds of promise can be the same
/// bytes.
Sha256 tagged_sha256(std::string_view tag);
/// The digest of the whole at once.
Digest sha256(std::span<const std::byte> bytes);
Digest sha256(std::string_view text);

/// Merkle tree hash of RFC 6962 §2.1 over leaf records: SHA-256(0x00 ‖ leaf), SHA-256(0x01 ‖ left ‖ right),
/// split at the largest power of two below the count; the empty tree is SHA-256 of nothing.
Digest merkle_root(std::span<const Digest> leaves);

}  // namespace cohort
