#include "cohort/core/digest.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

// FIPS 180-4 examples.
TEST(Sha256, GivesTheKnownAnswers) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnHowTheInputIsCut) {
  EXPECT_EQ(Sha256().update("ab").update("").update("c").finish(), sha256("abc"));
}

TEST(Sha256, WritesNumbersLittleEndianAndFieldsWithTheirLength) {
  const std::string number("\x08\x07\x06\x05\x04\x03\x02\x01", 8);
  EXPECT_EQ(Sha256().update_u64(0x0102030405060708).finish(), sha256(number));
  const std::string field("\x03\0\0\0\0\0\0\0abc", 11);
  EXPECT_EQ(Sha256().update_field("abc").finish(), sha256(field));
  EXPECT_NE(Sha256().update_field("ab").update_field("c").finish(),
            Sha256().update_field("a").update_field("bc").finish());
}

TEST(Sha256, RefusesUseAfterFinish) {
  Sha256 hash;
  static_cast<void>(hash.finish());
  EXPECT_THROW(hash.update("x"), std::logic_error);
  EXPECT_THROW(static_cast<void>(hash.finish()), std::logic_error);
}

TEST(Digest, TravelsThroughHex) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(digest_from_hex(to_hex(digest)), digest);
  EXPECT_EQ(digest_from_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), digest);
  EXPECT_THROW(static_cast<void>(digest_from_hex("ba78")), DataError);
  EXPECT_THROW(static_cast<void>(digest_from_hex(std::string(64, 'g'))), DataError);
  EXPECT_THROW(static_cast<void>(digest_from_hex(to_hex(digest) + "0")), DataError);
}

std::vector<Digest> leaves(int count) {
  std::vector<Digest> result;
  for (int i = 0; i < count; ++i) result.push_back(sha256(std::to_string(i)));
  return result;
}

std::string raw(const Digest& digest) {
  return {digest.begin(), digest.end()};
}
Digest leaf(const Digest& record) {
  return sha256(std::string(1, '\0') + raw(record));
}
Digest node(const Digest& left, const Digest& right) {
  return sha256("\x01" + raw(left) + raw(right));
}

TEST(MerkleRoot, OfNothingIsTheDigestOfNothing) {
  EXPECT_EQ(merkle_root({}), sha256(""));
}

TEST(MerkleRoot, FollowsRfc6962) {
  const std::vector<Digest> d = leaves(7);
  const auto root = [&](std::size_t count) { return merkle_root(std::span(d).first(count)); };
  EXPECT_EQ(root(1), leaf(d[0]));
  EXPECT_EQ(root(2), node(leaf(d[0]), leaf(d[1])));
  EXPECT_EQ(root(3), node(root(2), leaf(d[2])));
  const Digest left = node(root(2), node(leaf(d[2]), leaf(d[3])));
  EXPECT_EQ(root(4), left);
  EXPECT_EQ(root(5), node(left, leaf(d[4])));
  // The seven-leaf tree of RFC 6962 section 2.1.3.
  EXPECT_EQ(root(7), node(left, node(node(leaf(d[4]), leaf(d[5])), leaf(d[6]))));
}

TEST(MerkleRoot, SeesEveryLeafAndTheirOrder) {
  std::vector<Digest> d = leaves(100);
  const Digest root = merkle_root(d);
  for (Digest& digest : d) {
    digest[31] ^= 1;
    EXPECT_NE(merkle_root(d), root);
    digest[31] ^= 1;
  }
  std::swap(d[3], d[4]);
  EXPECT_NE(merkle_root(d), root);
}

}  // namespace
}  // namespace cohort
