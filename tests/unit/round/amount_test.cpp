#include "cohort/round/amount.hpp"

#include <gtest/gtest.h>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::round {
namespace {

constexpr const char* kLargest =
    "115792089237316195423570985008687907853269984665640564039457584007913129639935";  // 2^256 - 1

TEST(Amount, ReadsAndWritesDecimals) {
  for (const char* text : {"0", "1", "18446744073709551615", "18446744073709551616",
                           "340282366920938463463374607431768211456", kLargest})
    EXPECT_EQ(Amount::from_decimal(text).to_decimal(), text);
  EXPECT_EQ(Amount::from_decimal(kLargest), Amount::largest());
  EXPECT_EQ(Amount(7).to_decimal(), "7");
}

TEST(Amount, RefusesAnyOtherText) {
  for (const char* text :
       {"", " 1", "1 ", "+1", "-1", "-0", "1.0", "1e3", "0x10", "1_000", "007", "00", "one",
        "115792089237316195423570985008687907853269984665640564039457584007913129639936",
        "1157920892373161954235709850086879078532699846656405640394575840079131296399350", "\xD9\xA1"})
    EXPECT_THROW(static_cast<void>(Amount::from_decimal(text)), DataError) << text;
  EXPECT_THROW(static_cast<void>(Amount::from_decimal(std::string(100000, '9'))), DataError);
}

TEST(Amount, StandsAsBigEndianBytes) {
  const auto bytes = Amount::from_decimal("18446744073709551618").to_bytes();  // 2^64 + 2
  EXPECT_EQ(bytes[31], 2);
  EXPECT_EQ(bytes[23], 1);
  EXPECT_EQ(bytes[0], 0);
  for (const std::uint8_t byte : Amount::largest().to_bytes()) EXPECT_EQ(byte, 0xFF);
}

TEST(Amount, ComparesAsNumbers) {
  EXPECT_LT(Amount(UINT64_MAX), Amount::from_decimal("18446744073709551616"));
  EXPECT_LT(Amount(2), Amount(3));
  EXPECT_GT(Amount::largest(), Amount(UINT64_MAX));
  EXPECT_TRUE(Amount().is_zero());
  EXPECT_FALSE(Amount(1).is_zero());
}

TEST(Amount, NeverWraps) {
  EXPECT_EQ(Amount::largest() - Amount::largest(), Amount());
  EXPECT_EQ(Amount::largest() - Amount(1) + Amount(1), Amount::largest());
  EXPECT_THROW(static_cast<void>(Amount::largest() + Amount(1)), Error);
  EXPECT_THROW(static_cast<void>(Amount::largest() + Amount::largest()), Error);
  EXPECT_THROW(static_cast<void>(Amount(1) - Amount(2)), Error);
  const Amount half = Amount::from_decimal("340282366920938463463374607431768211456");  // 2^128
  EXPECT_THROW(static_cast<void>(half * half), Error);
  EXPECT_EQ(half * (half - Amount(1)) + (half - Amount(1)), Amount::largest());
}

TEST(MultiplyDivide, KeepsTheWholeProduct) {
  const Division all = multiply_divide(Amount::largest(), Amount::largest(), Amount::largest());
  EXPECT_EQ(all.quotient, Amount::largest());
  EXPECT_EQ(all.remainder, Amount());
  const Division small = multiply_divide(Amount(100), Amount(2), Amount(7));
  EXPECT_EQ(small.quotient, Amount(28));
  EXPECT_EQ(small.remainder, Amount(4));
  EXPECT_THROW(static_cast<void>(multiply_divide(Amount(1), Amount(1), Amount())), Error);
  EXPECT_THROW(static_cast<void>(multiply_divide(Amount::largest(), Amount(2), Amount(1))), Error);
}

TEST(MultiplyDivide, SatisfiesItsDefinition) {
  RandomSequence random(3, Stream::test_inputs, 0);
  for (int i = 0; i < 200; ++i) {
    const Amount a(random.next_u64()), b(random.next_u64()), c(random.next_u64() | 1);
    const Division result = multiply_divide(a, b, c);
    EXPECT_LT(result.remainder, c);
    EXPECT_EQ(result.quotient * c + result.remainder, a * b);
  }
}

}  // namespace
}  // namespace cohort::round
