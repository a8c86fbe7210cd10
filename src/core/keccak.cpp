#include "cohort/core/keccak.hpp"

#include <array>
#include <bit>
#include <cstdint>

namespace cohort {
namespace {

using State = std::array<std::uint64_t, 25>;  // lane (x, y) at x + 5·y

constexpr std::size_t kRate = 136;  // bytes absorbed between permutations: 200 less twice the digest

struct Constants {
  std::array<std::uint64_t, 24> iota{};
  // The walk of rho and pi over the lanes: where each step lands, and by how much it turns.
  std::array<std::size_t, 24> lane{};
  std::array<int, 24> turn{};
};

/// Derived as in the definition (Keccak reference 3.0, §1.2), so that no table can hold a slip.
constexpr Constants derive() {
  Constants constants;
  std::uint8_t shift_register = 1;
  for (std::uint64_t& word : constants.iota) {
    for (int j = 0; j < 7; ++j) {
      if ((shift_register & 1U) != 0) word ^= std::uint64_t{1} << ((1 << j) - 1);
      const bool carry = (shift_register & 0x80U) != 0;
      shift_register = static_cast<std::uint8_t>((shift_register << 1) ^ (carry ? 0x71 : 0));
    }
  }
  std::size_t x = 1, y = 0;
  for (std::size_t t = 0; t < 24; ++t) {
    constants.turn[t] = static_cast<int>((t + 1) * (t + 2) / 2 % 64);
    const std::size_t next_y = (2 * x + 3 * y) % 5;
    x = y;
    y = next_y;
    constants.lane[t] = x + 5 * y;
  }
  return constants;
}

constexpr Constants kConstants = derive();

void permute(State& a) {
  for (const std::uint64_t round_constant : kConstants.iota) {
    std::array<std::uint64_t, 5> parity{};  // theta
    for (std::size_t x = 0; x < 5; ++x) parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (std::size_t x = 0; x < 5; ++x) {
      const std::uint64_t mix = parity[(x + 4) % 5] ^ std::rotl(parity[(x + 1) % 5], 1);
      for (std::size_t y = 0; y < 25; y += 5) a[x + y] ^= mix;
    }
    std::uint64_t carried = a[1];  // rho and pi
    for (std::size_t t = 0; t < 24; ++t) {
      const std::uint64_t displaced = a[kConstants.lane[t]];
      a[kConstants.lane[t]] = std::rotl(carried, kConstants.turn[t]);
      carried = displaced;
    }
    for (std::size_t y = 0; y < 25; y += 5) {  // chi
      const std::array<std::uint64_t, 5> row{a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
      for (std::size_t x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
    a[0] ^= round_constant;
  }
}

void absorb(State& state, std::size_t position, std::uint8_t byte) {
  state[position / 8] ^= std::uint64_t{byte} << (8 * (position % 8));
}

}  // namespace

Digest keccak256(std::span<const std::byte> bytes) {
  State state{};
  std::size_t position = 0;
  for (const std::byte byte : bytes) {
    absorb(state, position, static_cast<std::uint8_t>(byte));
    if (++position == kRate) {
      permute(state);
      position = 0;
    }
  }
  absorb(state, position, 0x01);
  absorb(state, kRate - 1, 0x80);
  permute(state);
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(state[i / 8] >> (8 * (i % 8)) & 0xFF);
  return digest;
}

Digest keccak256(std::string_view text) {
  return keccak256(std::as_bytes(std::span(text)));
}

}  // namespace cohort
