// Who hands in what: Ed25519 keys and signatures (RFC 8032).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "cohort/core/digest.hpp"

namespace cohort::identity {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

/// 32 bytes from the system's randomness: secrets, salts.
Digest random_digest();

/// A secret signing key; its memory is wiped at the end.
class SecretKey {
 public:
  /// From the system's randomness.
  static SecretKey generate();
  /// The key that RFC 8032 derives from 32 secret bytes.
  static SecretKey from_seed(const Digest& seed);
  ~SecretKey();
  SecretKey(SecretKey&&) noexcept;
  SecretKey& operator=(SecretKey&&) noexcept;

  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] Signature sign(std::span<const std::byte> message) const;
  [[nodiscard]] const Digest& seed() const { return seed_; }

 private:
  explicit SecretKey(const Digest& seed);
  Digest seed_{};
  std::array<std::uint8_t, 64> key_{};
};

/// True for a signature of exactly this message by this key; small-order keys and malleable forms are
/// refused.
bool verify(const PublicKey& key, std::span<const std::byte> message, const Signature& signature);

/// Writes the seed as hex, readable by its owner only; never replaces an existing file. Throws Error.
void write_key_file(const std::filesystem::path& path, const SecretKey& key);
/// Throws Error naming the path: missing, not a key, or readable by others.
SecretKey read_key_file(const std::filesystem::path& path);

/// 64 hexadecimal digits → key; throws DataError.
PublicKey public_key_from_hex(std::string_view hex);

}  // namespace cohort::identity
