// Keccak-256 as Ethereum computes it: the competition's padding (0x01), not that of FIPS 202's SHA3-256
// (0x06), which OpenSSL gives.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "cohort/core/digest.hpp"

namespace cohort {

/// 32 bytes, Keccak[c=512] over the whole message.
Digest keccak256(std::span<const std::byte> bytes);
Digest keccak256(std::string_view text);

}  // namespace cohort
