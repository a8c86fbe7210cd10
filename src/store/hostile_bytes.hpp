// Bytes of a stranger, looked at within their bounds. Not part of the module's public face.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <set>
#include <span>
#include <string_view>

#include "store/hostile_protocol.hpp"

namespace cohort::store {

/// Ends the reading of a file from anywhere inside it; read_image turns it into its answer.
class Misshapen : public std::exception {
 public:
  explicit Misshapen(Reason reason) : reason_(reason) {}
  [[nodiscard]] Reason reason() const { return reason_; }
  [[nodiscard]] const char* what() const noexcept override { return "a file is not as expected"; }

 private:
  Reason reason_;
};

/// Takes numbers and parts off the front of bytes. Throws Misshapen where they do not reach.
class HostileBytes {
 public:
  explicit HostileBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint64_t size() const { return bytes_.size(); }

  /// `count` bytes from `place` on.
  [[nodiscard]] HostileBytes part(std::uint64_t place, std::uint64_t count) const {
    if (place > size() || count > size() - place) throw Misshapen(Reason::part_outside);
    return HostileBytes(bytes_.subspan(place, count));
  }

  /// All bytes from `place` on.
  [[nodiscard]] HostileBytes from(std::uint64_t place) const {
    return part(place, size() - std::min(place, size()));
  }

  /// Whether the first bytes are these letters.
  [[nodiscard]] bool begins_with(std::string_view text) const {
    return size() >= text.size() &&
           std::equal(text.begin(), text.end(), bytes_.begin(),
                      [](char a, std::byte b) { return std::byte{static_cast<unsigned char>(a)} == b; });
  }

  /// All that is left, as bytes and as letters.
  [[nodiscard]] std::span<const std::byte> span() const { return bytes_; }
  [[nodiscard]] std::string_view letters() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

  /// The letters up to the first NUL, of which there are at most `most`. Throws Misshapen: part_outside where
  /// the bytes end before, parts_too_many where there are more.
  [[nodiscard]] std::string_view text(std::uint64_t most) const {
    const std::string_view longest = letters().substr(0, most + 1);
    const std::size_t end = longest.find('\0');
    if (end != std::string_view::npos) return longest.substr(0, end);
    throw Misshapen(longest.size() > most ? Reason::parts_too_many : Reason::part_outside);
  }

  /// Takes `count` bytes.
  HostileBytes take_part(std::uint64_t count) {
    const HostileBytes taken = part(0, count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  /// Leaves out `count` bytes.
  void skip(std::uint64_t count) { take_part(count); }

  /// A number of up to 8 bytes, the least first.
  std::uint64_t take(std::size_t width) {
    const HostileBytes taken = take_part(width);
    std::uint64_t number = 0;
    for (std::size_t i = width; i > 0; --i)
      number = number << 8 | std::to_integer<std::uint64_t>(taken.bytes_[i - 1]);
    return number;
  }

  /// Takes a number that has to be this one.
  void expect(std::size_t width, std::uint64_t number) {
    if (take(width) != number) throw Misshapen(Reason::part_unknown);
  }

  /// Takes a text that has to be this one.
  void expect(std::string_view text) {
    if (!take_part(text.size()).begins_with(text)) throw Misshapen(Reason::part_unknown);
  }

 private:
  std::span<const std::byte> bytes_;
};

/// Where the parts of a structure are: each is there once, and there are no more than its members can need.
class HostileParts {
 public:
  explicit HostileParts(std::size_t most) : most_(most) {}

  void add(std::uint64_t address) {
    if (!addresses_.insert(address).second) throw Misshapen(Reason::part_repeated);
    if (addresses_.size() > most_) throw Misshapen(Reason::parts_too_many);
  }

 private:
  std::size_t most_;
  std::set<std::uint64_t> addresses_;
};

}  // namespace cohort::store
