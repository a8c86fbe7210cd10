#include "data/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace cohort::data {
namespace {

/// Bytes of the sequence that starts with `lead`, or 0 when none may start so.
std::size_t sequence_bytes(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

/// The second byte's range is narrower where overlong forms, surrogates or too large values would begin.
bool second_byte_fits(std::uint8_t lead, std::uint8_t second) {
  const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t count = sequence_bytes(byte(i));
    if (count == 0 || count > text.size() - i) return false;
    if (count > 1 && !second_byte_fits(byte(i), byte(i + 1))) return false;
    for (std::size_t k = 2; k < count; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return false;
    }
    i += count;
  }
  return true;
}

bool is_plain_name(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == '\x7f'; };
  return !text.empty() && is_utf8(text) && std::ranges::none_of(text, is_control);
}

}  // namespace cohort::data
