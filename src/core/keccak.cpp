#include "cohort/core/keccak.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

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

/// Calls `act` with the constants 0 to count − 1, so that lanes and turns are known to the compiler: four
/// times as fast as loops.
template <std::size_t count, typename Act>
void unrolled(const Act& act) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (act(std::integral_constant<std::size_t, i>()), ...);
  }
  (std::make_index_sequence<count>());
}

void permute(State& a) {
  for (const std::uint64_t round_constant : kConstants.iota) {
    std::array<std::uint64_t, 5> parity{};  // theta
    unrolled<5>([&](auto x) { parity[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20]; });
    unrolled<5>([&](auto x) {
      const std::uint64_t mix = parity[(x + 4) % 5] ^ std::rotl(parity[(x + 1) % 5], 1);
      unrolled<5>([&](auto y) { a[x + 5 * y] ^= mix; });
    });
    std::uint64_t carried = a[1];  // rho and pi
    unrolled<24>([&](auto t) {
      constexpr std::size_t lane = kConstants.lane[t];
      const std::uint64_t displaced = a[lane];
      a[lane] = std::rotl(carried, kConstants.turn[t]);
      carried = displaced;
    });
    unrolled<5>([&](auto y) {  // chi
      const std::array<std::uint64_t, 5> row{a[5 * y], a[5 * y + 1], a[5 * y + 2], a[5 * y + 3],
                                             a[5 * y + 4]};
      unrolled<5>([&](auto x) { a[5 * y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]); });
    });
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
