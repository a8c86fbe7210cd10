#include "cohort/identity/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <new>

#include "cohort/core/error.hpp"

namespace cohort::identity {
namespace {
namespace fs = std::filesystem;

std::vector<std::byte> bytes_from_hex(std::string_view hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Digest filled(std::uint8_t byte) {
  Digest digest;
  digest.fill(byte);
  return digest;
}

struct Vector {
  const char *seed, *key, *message, *signature;
};

// RFC 8032 §7.1, tests 1, 2, 3 and SHA(abc).
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
    {"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
     "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
     "454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
     "3dca179c138ac17ad9bef1177331a704"},
};

Signature signature_from_hex(std::string_view hex) {
  const auto bytes = bytes_from_hex(hex);
  Signature signature{};
  std::memcpy(signature.data(), bytes.data(), signature.size());
  return signature;
}

TEST(Keys, GiveTheKnownAnswers) {
  for (const Vector& vector : kVectors) {
    const SecretKey key = SecretKey::from_seed(digest_from_hex(vector.seed));
    const auto message = bytes_from_hex(vector.message);
    EXPECT_EQ(to_hex(key.public_key()), vector.key);
    EXPECT_EQ(to_hex(key.sign(message)), vector.signature);
    EXPECT_TRUE(verify(key.public_key(), message, signature_from_hex(vector.signature)));
  }
}

TEST(Keys, RefuseAnyChangedBit) {
  const SecretKey key = SecretKey::from_seed(filled(7));
  const Signature good = key.sign(bytes_of("claim 450 of 500"));
  ASSERT_TRUE(verify(key.public_key(), bytes_of("claim 450 of 500"), good));
  EXPECT_FALSE(verify(key.public_key(), bytes_of("claim 451 of 500"), good));
  EXPECT_FALSE(verify(SecretKey::from_seed(filled(8)).public_key(), bytes_of("claim 450 of 500"), good));
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += 5) {
    Signature other = good;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(verify(key.public_key(), bytes_of("claim 450 of 500"), other)) << bit;
  }
}

// S + L signs the same message in lax verifiers; L is the group's order, little-endian.
TEST(Keys, RefuseMalleableSignatures) {
  const SecretKey key = SecretKey::from_seed(filled(7));
  Signature signature = key.sign(bytes_of("x"));
  const auto order = bytes_from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = signature[32 + i] + static_cast<unsigned>(order[i]) + carry;
    signature[32 + i] = static_cast<std::uint8_t>(sum & 0xFF);
    carry = sum >> 8;
  }
  ASSERT_EQ(carry, 0U);
  EXPECT_FALSE(verify(key.public_key(), bytes_of("x"), signature));
}

// With the neutral element as key and R = neutral, S = 0, the bare equation holds for every message.
TEST(Keys, RefuseSmallOrderKeys) {
  PublicKey neutral{};
  neutral[0] = 1;
  Signature signature{};
  signature[0] = 1;
  EXPECT_FALSE(verify(neutral, bytes_of("anything"), signature));
  EXPECT_FALSE(verify(PublicKey{}, bytes_of("anything"), signature));
}

TEST(Keys, AreGeneratedAnew) {
  EXPECT_NE(SecretKey::generate().public_key(), SecretKey::generate().public_key());
  EXPECT_NE(random_digest(), random_digest());
}

TEST(Keys, MoveAndLeaveNothingBehind) {
  SecretKey first = SecretKey::from_seed(filled(9));
  const PublicKey expected = first.public_key();
  SecretKey second = std::move(first);
  EXPECT_EQ(second.public_key(), expected);
  EXPECT_EQ(first.seed(), Digest{});  // NOLINT: what is left is the point
  SecretKey third = SecretKey::generate();
  third = std::move(second);
  EXPECT_EQ(third.public_key(), expected);
  EXPECT_EQ(second.seed(), Digest{});  // NOLINT
}

TEST(Keys, AreWipedAtTheEnd) {
  alignas(SecretKey) std::array<unsigned char, sizeof(SecretKey)> place{};
  auto* key = new (place.data()) SecretKey(SecretKey::from_seed(filled(0xAB)));
  std::destroy_at(key);
  for (const volatile unsigned char& byte : place) EXPECT_NE(byte, 0xAB);
}

TEST(Keys, ComeFromHex) {
  EXPECT_EQ(to_hex(public_key_from_hex(kVectors[0].key)), kVectors[0].key);
  EXPECT_THROW(static_cast<void>(public_key_from_hex("12")), DataError);
}

class KeyFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "cohort-keys-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& text, mode_t mode) const {
    const fs::path path = folder_ / "made.key";
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  static std::string failure(const fs::path& path) {
    try {
      static_cast<void>(read_key_file(path));
    } catch (const Error& e) {
      return e.what();
    }
    return "none";
  }

  fs::path folder_;
};

TEST_F(KeyFile, BringsTheKeyBackAndIsPrivate) {
  const SecretKey key = SecretKey::generate();
  const fs::path path = folder_ / "member.key";
  write_key_file(path, key);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(status.st_size, 65);
  EXPECT_EQ(read_key_file(path).public_key(), key.public_key());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);  // no temporary file is left
}

TEST_F(KeyFile, IsNeverReplaced) {
  const SecretKey key = SecretKey::generate();
  const fs::path path = folder_ / "member.key";
  write_key_file(path, key);
  EXPECT_THROW(write_key_file(path, SecretKey::generate()), Error);
  EXPECT_EQ(read_key_file(path).public_key(), key.public_key());
  fs::create_symlink("nowhere", folder_ / "link.key");
  EXPECT_THROW(write_key_file(folder_ / "link.key", key), Error);
  EXPECT_THROW(write_key_file(folder_ / "missing" / "member.key", key), Error);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
}

TEST_F(KeyFile, IsRefusedWhenOthersMayRead) {
  const std::string text = std::string(64, '7') + "\n";
  for (const mode_t mode : {0640U, 0604U, 0620U, 0644U})
    EXPECT_NE(failure(write(text, mode)).find("chmod 600"), std::string::npos) << mode;
  EXPECT_EQ(failure(write(text, 0600)), "none");
  EXPECT_EQ(failure(write(text, 0400)), "none");
}

TEST_F(KeyFile, IsRefusedWhenItIsNoKey) {
  const std::string digits(64, 'a');
  for (const std::string& text : {std::string(), std::string("abc"), digits + "0", digits + "\n\n",
                                  digits + " ", std::string(64, 'g'), digits.substr(1) + "\n"})
    EXPECT_NE(failure(write(text, 0600)).find("not a key"), std::string::npos) << text;
  EXPECT_NE(failure(folder_ / "none.key").find("none.key"), std::string::npos);
  EXPECT_NE(failure(folder_).find("not a file"), std::string::npos);
}

}  // namespace
}  // namespace cohort::identity
