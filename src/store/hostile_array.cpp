#include "store/hostile_array.hpp"

#include <bit>
#include <stdexcept>
#include <vector>

namespace cohort::store {
namespace {

static_assert(std::endian::native == std::endian::little, "values are handed out as they stand in the file");

/// A number in a message, and how many bytes it takes.
struct Field {
  std::size_t width;
  std::uint64_t value;
};

std::vector<Field> integer(std::uint64_t bytes, bool is_signed) {
  return {{3, is_signed ? 0x08U : 0U}, {4, bytes}, {2, 0}, {2, 8 * bytes}};
}

/// Of IEEE 754: from the lowest bit the mantissa without its first digit, the exponent, the sign.
std::vector<Field> real(std::uint64_t bytes, std::uint64_t exponent_bits) {
  const std::uint64_t sign = 8 * bytes - 1, mantissa_bits = sign - exponent_bits;
  constexpr std::uint64_t first_digit_implied = 0x20;
  return {{3, first_digit_implied | sign << 8},
          {4, bytes},
          {2, 0},
          {2, 8 * bytes},
          {1, mantissa_bits},
          {1, exponent_bits},
          {1, 0},
          {1, mantissa_bits},
          {4, (std::uint64_t{1} << (exponent_bits - 1)) - 1}};
}

/// What follows the class in a description of the type.
std::vector<Field> description_of(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return integer(1, false);
    case Kind::i32:
      return integer(4, true);
    case Kind::i64:
      return integer(8, true);
    case Kind::f32:
      return real(4, 8);
    case Kind::f64:
      return real(8, 11);
  }
  throw std::logic_error("store: unknown kind");
}

/// Where the values are. From the fourth version of a layout on, arrays may be made of other files' arrays.
HostileBytes stored_values(const HostileBytes& image, HostileBytes layout, const ObjectHeader& header) {
  constexpr std::uint64_t kNowhere = ~std::uint64_t{0}, compact = 0, contiguous = 1;
  layout.expect(1, 3);
  const std::uint64_t form = layout.take(1);
  if (form != compact && form != contiguous) throw Misshapen(Reason::layout);
  if (header.has(Message::filters)) throw Misshapen(Reason::filtered);
  if (header.has(Message::external_files)) throw Misshapen(Reason::external);
  if (form == compact) return layout.take_part(layout.take(2));
  const std::uint64_t address = layout.take(8), bytes = layout.take(8);
  if (address == kNowhere) throw Misshapen(Reason::not_stored);
  return image.part(address, bytes);
}

bool is_array(const ObjectHeader& header) {
  for (const Message of_groups :
       {Message::symbol_table, Message::link_info, Message::link, Message::group_info})
    if (header.has(of_groups)) return false;
  return header.has(Message::space) && header.has(Message::type) && header.has(Message::layout);
}

}  // namespace

std::uint64_t count_elements(HostileBytes space, const ExpectedArray& expected) {
  const std::uint64_t version = space.take(1), rank = space.take(1);
  if (version < 1 || version > 2) throw Misshapen(Reason::part_unknown);
  space.skip(1);  // whether greatest extents follow, which nobody needs
  const std::uint64_t form = version == 2 ? space.take(1) : (rank > 0 ? 1 : 0);
  if (version == 1) space.skip(5);
  const bool is_list = expected.most_elements > 0;
  const bool is_scalar = !is_list && expected.extents.empty();
  if (form != (is_scalar ? 0 : 1) || rank != (is_list ? 1 : expected.extents.size()))
    throw Misshapen(Reason::extents);
  if (is_list) {
    const std::uint64_t found = space.take(8);
    if (found < 1 || found > static_cast<std::uint64_t>(expected.most_elements))
      throw Misshapen(Reason::extents);
    return found;
  }
  std::uint64_t count = 1;
  for (const std::int64_t extent : expected.extents) {
    if (space.take(8) != static_cast<std::uint64_t>(extent)) throw Misshapen(Reason::extents);
    count *= static_cast<std::uint64_t>(extent);
  }
  return count;
}

void expect_type(HostileBytes type, Kind kind) {
  const std::uint64_t head = type.take(1), version = head >> 4, type_class = head & 0x0F;
  const bool is_real = kind == Kind::f32 || kind == Kind::f64;
  if (version < 1 || version > 3) throw Misshapen(Reason::part_unknown);
  if (type_class != (is_real ? 1 : 0)) throw Misshapen(Reason::element_type);
  for (const Field& field : description_of(kind))
    if (type.take(field.width) != field.value) throw Misshapen(Reason::element_type);
}

std::span<const std::byte> read_array(const HostileBytes& image, const ObjectHeader& header,
                                      const ExpectedArray& expected) {
  if (!is_array(header)) throw Misshapen(Reason::not_array);
  const std::uint64_t count = count_elements(*header.only(Message::space), expected);
  expect_type(*header.only(Message::type), expected.kind);
  const HostileBytes values = stored_values(image, *header.only(Message::layout), header);
  if (values.size() != count * size_of(expected.kind)) throw Misshapen(Reason::not_stored);
  return values.span();
}

}  // namespace cohort::store
