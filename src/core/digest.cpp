#include "cohort/core/digest.hpp"

#include <openssl/evp.h>

#include <bit>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

void check(int openssl_result) {
  if (openssl_result != 1) throw Error("SHA-256: the OpenSSL library refused to compute a digest");
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Digest node_hash(const Digest& left, const Digest& right) {
  constexpr std::byte prefix{1};
  return Sha256()
      .update({&prefix, 1})
      .update(std::as_bytes(std::span(left)))
      .update(std::as_bytes(std::span(right)))
      .finish();
}

Digest leaf_hash(const Digest& leaf) {
  constexpr std::byte prefix{0};
  return Sha256().update({&prefix, 1}).update(std::as_bytes(std::span(leaf))).finish();
}

}  // namespace

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

Digest digest_from_hex(std::string_view hex) {
  Digest digest{};
  if (hex.size() != 2 * digest.size()) {
    throw DataError("digest: expected 64 hexadecimal digits, got " + std::to_string(hex.size()) +
                    " characters");
  }
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) {
      throw DataError("digest: '" + std::string(hex) + "' has a character that is not a hexadecimal digit");
    }
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* owned) const { EVP_MD_CTX_free(owned); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  if (!state_->context) throw std::bad_alloc();
  check(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  require(state_ != nullptr, "Sha256::update: the digest is finished");
  check(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(std::as_bytes(std::span(text)));
}

Sha256& Sha256::update_u64(std::uint64_t value) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i) & 0xFF);
  return update(bytes);
}

Sha256& Sha256::update_field(std::string_view text) {
  return update_u64(text.size()).update(text);
}

Digest Sha256::finish() {
  require(state_ != nullptr, "Sha256::finish: the digest is finished");
  Digest digest{};
  check(EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr));
  state_.reset();
  return digest;
}

Sha256 tagged_sha256(std::string_view tag) {
  Sha256 hash;
  hash.update(tag).update(std::string_view("\0", 1));
  return hash;
}

Digest sha256(std::span<const std::byte> bytes) {
  return Sha256().update(bytes).finish();
}
Digest sha256(std::string_view text) {
  return Sha256().update(text).finish();
}

Digest merkle_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return Sha256().finish();
  if (leaves.size() == 1) return leaf_hash(leaves[0]);
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  return node_hash(merkle_root(leaves.first(split)), merkle_root(leaves.subspan(split)));
}

}  // namespace cohort
