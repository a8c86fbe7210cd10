#include "cohort/round/amount.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

namespace mp = boost::multiprecision;

// Wide enough for the product of two amounts, so that only the way back has to be checked.
using Wide = mp::number<mp::cpp_int_backend<512, 512, mp::unsigned_magnitude, mp::unchecked, void>>;

Wide widened(const std::array<std::uint64_t, 4>& words) {
  Wide wide = 0;
  import_bits(wide, words.begin(), words.end(), 64);
  return wide;
}

std::array<std::uint64_t, 4> narrowed(const Wide& wide, std::string_view what) {
  if (wide != 0 && msb(wide) >= 256) throw Error(concat("amount: ", what, " exceeds 2^256 - 1"));
  std::array<std::uint64_t, 4> words{};
  for (std::size_t i = 0; i < 4; ++i)
    words[3 - i] = static_cast<std::uint64_t>((wide >> (64 * i)) & Wide(UINT64_MAX));
  return words;
}

constexpr std::size_t kMostDigits = 78;  // of 2^256 - 1

}  // namespace

Amount Amount::largest() {
  Amount amount;
  amount.words_.fill(UINT64_MAX);
  return amount;
}

Amount Amount::from_decimal(std::string_view digits) {
  const bool are_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(),
                                                         [](char c) { return c >= '0' && c <= '9'; });
  if (!are_digits)
    throw DataError(concat("amount: '", digits.substr(0, 100), "' is not a whole number without sign"));
  if (digits.size() > 1 && digits.front() == '0')
    throw DataError(concat("amount: '", digits.substr(0, 100), "' starts with a zero"));
  if (digits.size() > kMostDigits) throw DataError("amount: the number exceeds 2^256 - 1");
  Wide wide = 0;
  for (const char digit : digits) wide = wide * 10 + static_cast<unsigned>(digit - '0');
  if (wide != 0 && msb(wide) >= 256) throw DataError(concat("amount: ", digits, " exceeds 2^256 - 1"));
  Amount amount;
  amount.words_ = narrowed(wide, "the number");
  return amount;
}

std::string Amount::to_decimal() const {
  return widened(words_).str();
}

std::array<std::uint8_t, 32> Amount::to_bytes() const {
  std::array<std::uint8_t, 32> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(words_[i / 8] >> (56 - 8 * (i % 8)) & 0xFF);
  return bytes;
}

Amount& Amount::operator+=(const Amount& other) {
  words_ = narrowed(widened(words_) + widened(other.words_), "a sum");
  return *this;
}

Amount& Amount::operator-=(const Amount& other) {
  if (*this < other) throw Error("amount: a difference is below 0");
  words_ = narrowed(widened(words_) - widened(other.words_), "a difference");
  return *this;
}

Amount& Amount::operator*=(const Amount& other) {
  words_ = narrowed(widened(words_) * widened(other.words_), "a product");
  return *this;
}

Division multiply_divide(const Amount& a, const Amount& b, const Amount& c) {
  if (c.is_zero()) throw Error("amount: division by 0");
  Wide quotient, remainder;
  divide_qr(Wide(widened(a.words_) * widened(b.words_)), widened(c.words_), quotient, remainder);
  Division result;
  result.quotient.words_ = narrowed(quotient, "a quotient");
  result.remainder.words_ = narrowed(remainder, "a remainder");
  return result;
}

}  // namespace cohort::round
