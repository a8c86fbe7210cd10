#include "cohort/round/address.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/keccak.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

bool is_small(char c) {
  return c >= 'a' && c <= 'f';
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'F';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string to_text(const Address& address) {
  std::string digits = to_hex(address);
  const Digest hash = keccak256(digits);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int nibble = hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
    if (nibble >= 8 && is_small(digits[i])) digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
  }
  return "0x" + digits;
}

Address address_from_text(std::string_view text) {
  const std::string_view digits = text.substr(std::min<std::size_t>(2, text.size()));
  const bool has_form = text.starts_with("0x") && digits.size() == 40 &&
                        std::all_of(digits.begin(), digits.end(),
                                    [](char c) { return is_digit(c) || is_small(c) || is_capital(c); });
  if (!has_form)
    throw DataError(concat("address '", text.substr(0, 60), "': expected 0x and 40 hexadecimal digits"));
  Address address{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    const int value = is_digit(c) ? c - '0' : is_small(c) ? c - 'a' + 10 : c - 'A' + 10;
    address[i / 2] = static_cast<std::uint8_t>(address[i / 2] << 4 | value);
  }
  const bool is_mixed = std::any_of(digits.begin(), digits.end(), is_small) &&
                        std::any_of(digits.begin(), digits.end(), is_capital);
  if (is_mixed && to_text(address) != text)
    throw DataError(concat("address ", text,
                           ": its capital letters do not fit its digits (EIP-55); a digit or the "
                           "case of a letter is wrong"));
  return address;
}

}  // namespace cohort::round
