// Ethereum addresses: 20 bytes, written with the checksum of EIP-55.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace cohort::round {

using Address = std::array<std::uint8_t, 20>;

/// "0x" and 40 hexadecimal digits. Digits of mixed case must be EIP-55's; all small or all capital ones carry
/// no checksum. Throws DataError saying which, and the right spelling of a wrong checksum is not offered: one
/// of the digits may be the mistake.
Address address_from_text(std::string_view text);

/// With EIP-55's capital letters.
std::string to_text(const Address& address);

}  // namespace cohort::round
