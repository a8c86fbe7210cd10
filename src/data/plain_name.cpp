#include "data/plain_name.hpp"

#include <algorithm>
#include <cstdint>

#include "cohort/core/utf8.hpp"

namespace cohort::data {

bool is_plain_name(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<std::uint8_t>(c) < 0x20 || c == '\x7f'; };
  return !text.empty() && is_utf8(text) && std::ranges::none_of(text, is_control);
}

}  // namespace cohort::data
