#include "cohort/round/payout.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "cohort/core/error.hpp"

namespace cohort::round {
namespace {

/// Account i of the reference vectors: address 0x…0i, amount 1000·i + 7.
std::vector<PayoutValue> accounts(std::uint8_t count) {
  std::vector<PayoutValue> values;
  for (std::uint8_t i = 1; i <= count; ++i) {
    Address account{};
    account[19] = i;
    values.push_back({account, 1000U * i + 7U});
  }
  return values;
}

std::string root_of(const std::vector<PayoutValue>& values) {
  return to_hex(PayoutTree(values).root());
}

// Roots by the package @openzeppelin/merkle-tree.
TEST(PayoutTree, HasTheReferenceRoots) {
  EXPECT_EQ(root_of(accounts(1)), "966fa31910a9998aac699be8f813d7de0b0b6fc00f18da37bee8d7446c9da493");
  EXPECT_EQ(root_of(accounts(2)), "1c5a7847bd39447c57f378f675b55886a60acbb4e8b03d3d1353082cd6b8a7a6");
  EXPECT_EQ(root_of(accounts(3)), "10a662b1a8f97228a0a8d1fd93072076f60e70c49794f72ca7f804b8fcb6367f");
  EXPECT_EQ(root_of(accounts(5)), "0d0b4eb674f35b351fd4375adafb38aa03346d4eeac05b51aad51c23c2d56024");
  EXPECT_EQ(root_of(accounts(8)), "56f0815f18dd5326342150544c5dbbd3252564e6f82642cfd47547ef8e2099da");
}

TEST(PayoutTree, HasTheRootOfThePackagesOwnExample) {
  PayoutValue first{{}, Amount::from_decimal("5000000000000000000")};
  PayoutValue second{{}, Amount::from_decimal("2500000000000000000")};
  first.account.fill(0x11);
  second.account.fill(0x22);
  EXPECT_EQ(root_of({first, second}), "d4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77");
  EXPECT_EQ(root_of({second, first}), root_of({first, second}));
}

TEST(PayoutTree, ProvesEveryValueAndNoOther) {
  for (std::uint8_t count = 1; count <= 17; ++count) {
    const PayoutTree tree(accounts(count));
    for (std::size_t i = 0; i < count; ++i) {
      const auto proof = tree.proof(i);
      EXPECT_TRUE(is_proof(tree.root(), tree.values()[i], proof));
      PayoutValue more = tree.values()[i];
      more.amount += 1;
      EXPECT_FALSE(is_proof(tree.root(), more, proof));
      PayoutValue other = tree.values()[i];
      other.account[0] ^= 1;
      EXPECT_FALSE(is_proof(tree.root(), other, proof));
      for (std::size_t j = 0; j < proof.size(); ++j) {
        auto changed = proof;
        changed[j][31] ^= 1;
        EXPECT_FALSE(is_proof(tree.root(), tree.values()[i], changed));
      }
    }
  }
}

TEST(PayoutTree, RefusesNothing) {
  EXPECT_THROW(PayoutTree({}), UsageError);
}

TEST(PayoutTree, TravelsThroughItsDump) {
  const PayoutTree tree(accounts(5));
  const PayoutTree again = PayoutTree::load(tree.dump());
  EXPECT_EQ(again.values(), tree.values());
  EXPECT_EQ(again.root(), tree.root());
  EXPECT_EQ(again.dump(), tree.dump());
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(is_proof(tree.root(), again.values()[i], again.proof(i)));
}

// The tree in the package's own documentation, members in its order.
TEST(PayoutTree, ReadsADumpOfThePackage) {
  const PayoutTree tree = PayoutTree::load(R"({"format":"standard-v1","tree":[
    "0xd4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77",
    "0xeb02c421cfa48976e66dfb29120745909ea3a0f843456c263cf8f1253483e283",
    "0xb92c48e9d7abe27fd8dfd6b5dfdbfb1c9a463f80c712b66f3a5180a090cccafc"],
    "values":[
    {"value":["0x1111111111111111111111111111111111111111","5000000000000000000"],"treeIndex":1},
    {"value":["0x2222222222222222222222222222222222222222","2500000000000000000"],"treeIndex":2}],
    "leafEncoding":["address","uint256"]})");
  EXPECT_EQ(tree.values()[0].amount.to_decimal(), "5000000000000000000");
  EXPECT_TRUE(is_proof(tree.root(), tree.values()[1], tree.proof(1)));
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(PayoutTree, RefusesATamperedDump) {
  const std::string good = PayoutTree(accounts(3)).dump();
  for (const std::string& bad :
       {replaced(good, "standard-v1", "simple-v1"), replaced(good, "uint256", "uint128"),
        replaced(good, "\"1007\"", "\"1008\""), replaced(good, "\"1007\"", "\"-7\""),
        replaced(good, "0x10a662b1", "0x10a662b2"), replaced(good, "\"treeIndex\": ", "\"treeIndex\": 9"),
        replaced(good, "0x0000000000000000000000000000000000000001", "0x01"), std::string("{}"),
        std::string("[")})
    EXPECT_THROW(static_cast<void>(PayoutTree::load(bad)), DataError) << bad;
}

// EIP-55's own examples.
TEST(Address, KnowsItsChecksum) {
  for (const char* text :
       {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77"})
    EXPECT_EQ(to_text(address_from_text(text)).substr(2), std::string(text).substr(2)) << text;
}

TEST(Address, NeedsAChecksumOnlyInMixedCase) {
  const char* good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
  EXPECT_EQ(address_from_text("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"), address_from_text(good));
  EXPECT_EQ(address_from_text("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"), address_from_text(good));
  for (const char* bad :
       {"0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee",
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedd",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", "", "0x"})
    EXPECT_THROW(static_cast<void>(address_from_text(bad)), DataError) << bad;
}

}  // namespace
}  // namespace cohort::round
