#include "cohort/identity/keys.hpp"

#include "identity/wiping.hpp"

namespace cohort::identity {
namespace {

const unsigned char* bytes_of(std::span<const std::byte> message) {
  constexpr static unsigned char none = 0;
  return message.empty() ? &none : reinterpret_cast<const unsigned char*>(message.data());
}

}  // namespace

Digest random_digest() {
  start_sodium();
  Digest digest;
  randombytes_buf(digest.data(), digest.size());
  return digest;
}

SecretKey::SecretKey(const Digest& seed) : seed_(seed) {
  static_assert(crypto_sign_SEEDBYTES == std::tuple_size_v<Digest>);
  static_assert(crypto_sign_SECRETKEYBYTES == std::tuple_size_v<decltype(key_)>);
  start_sodium();
  PublicKey ignored;
  crypto_sign_seed_keypair(ignored.data(), key_.data(), seed_.data());
}

SecretKey SecretKey::generate() {
  Digest seed = random_digest();
  const Wiping wipe(seed.data(), seed.size());
  return SecretKey(seed);
}

SecretKey SecretKey::from_seed(const Digest& seed) {
  return SecretKey(seed);
}

SecretKey::~SecretKey() {
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(key_.data(), key_.size());
}

SecretKey::SecretKey(SecretKey&& other) noexcept : seed_(other.seed_), key_(other.key_) {
  sodium_memzero(other.seed_.data(), other.seed_.size());
  sodium_memzero(other.key_.data(), other.key_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this == &other) return *this;
  seed_ = other.seed_;
  key_ = other.key_;
  sodium_memzero(other.seed_.data(), other.seed_.size());
  sodium_memzero(other.key_.data(), other.key_.size());
  return *this;
}

PublicKey SecretKey::public_key() const {
  PublicKey key;
  crypto_sign_ed25519_sk_to_pk(key.data(), key_.data());
  return key;
}

Signature SecretKey::sign(std::span<const std::byte> message) const {
  Signature signature;
  static_assert(crypto_sign_BYTES == std::tuple_size_v<Signature>);
  if (crypto_sign_detached(signature.data(), nullptr, bytes_of(message), message.size(), key_.data()) != 0)
    throw Error("sign: libsodium refused to sign");
  return signature;
}

bool verify(const PublicKey& key, std::span<const std::byte> message, const Signature& signature) {
  start_sodium();
  return crypto_sign_verify_detached(signature.data(), bytes_of(message), message.size(), key.data()) == 0;
}

PublicKey public_key_from_hex(std::string_view hex) {
  return digest_from_hex(hex);
}

}  // namespace cohort::identity
