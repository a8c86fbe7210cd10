// Money: whole numbers of the smallest unit, up to 2^256 - 1, as Ethereum's uint256 has them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cohort::round {

struct Division;

/// An integer from 0 to 2^256 - 1. Arithmetic is checked: what does not fit throws Error, nothing wraps.
class Amount {
 public:
  /// Zero.
  constexpr Amount() = default;
  constexpr Amount(std::uint64_t value) : words_{0, 0, 0, value} {}

  /// 2^256 - 1.
  static Amount largest();
  /// Decimal digits alone: no sign, space, separator or leading zero. Throws DataError, also for 2^256 and
  /// above.
  static Amount from_decimal(std::string_view digits);

  [[nodiscard]] std::string to_decimal() const;
  /// Big-endian, as contracts encode a uint256.
  [[nodiscard]] std::array<std::uint8_t, 32> to_bytes() const;
  [[nodiscard]] bool is_zero() const { return *this == Amount(); }

  Amount& operator+=(const Amount& other);
  /// Throws when `other` is larger.
  Amount& operator-=(const Amount& other);
  Amount& operator*=(const Amount& other);
  friend Amount operator+(Amount a, const Amount& b) { return a += b; }
  friend Amount operator-(Amount a, const Amount& b) { return a -= b; }
  friend Amount operator*(Amount a, const Amount& b) { return a *= b; }
  friend constexpr std::strong_ordering operator<=>(const Amount&, const Amount&) = default;
  friend constexpr bool operator==(const Amount&, const Amount&) = default;
  friend Division multiply_divide(const Amount& a, const Amount& b, const Amount& c);

 private:
  std::array<std::uint64_t, 4> words_{};  // most significant first, so that arrays compare as numbers do
};

struct Division {
  Amount quotient, remainder;
};

/// a · b divided by c, the product taken in 512 bits. Throws Error for c = 0 or a quotient above 2^256 - 1.
Division multiply_divide(const Amount& a, const Amount& b, const Amount& c);

}  // namespace cohort::round
