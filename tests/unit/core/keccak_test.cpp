#include "cohort/core/keccak.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cohort {
namespace {

TEST(Keccak256, GivesTheKnownAnswers) {
  EXPECT_EQ(to_hex(keccak256("")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  EXPECT_EQ(to_hex(keccak256("abc")), "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  // Selectors that every contract knows: the first four bytes of the signature's hash.
  EXPECT_EQ(to_hex(keccak256("transfer(address,uint256)")).substr(0, 8), "a9059cbb");
  EXPECT_EQ(to_hex(keccak256("balanceOf(address)")).substr(0, 8), "70a08231");
}

// Around the rate of 136 bytes the padding falls into one byte, the last one, or a block of its own. The
// digest over all lengths' digests was computed with another implementation (pycryptodome 3).
TEST(Keccak256, HoldsAtEveryLengthAroundTheBlock) {
  std::string all;
  for (std::size_t length = 0; length <= 300; ++length) {
    std::string message;
    for (std::size_t i = 0; i < length; ++i) message += static_cast<char>((7 * i + length) % 256);
    all += to_hex(keccak256(message));
  }
  EXPECT_EQ(to_hex(keccak256(all)), "f426b95c9e19eb0631bdfdfe9ce68137613760ae39ffef5c2c8ccd73580e4c0f");
}

}  // namespace
}  // namespace cohort
