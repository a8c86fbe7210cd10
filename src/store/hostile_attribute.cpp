#include "store/hostile_attribute.hpp"

#include <optional>
#include <string_view>

#include "store/hostile_array.hpp"

namespace cohort::store {
namespace {

/// What a message says of an attribute.
struct Attribute {
  std::string_view name;
  bool is_whole;  ///< its type and extents stand in the message, not in another object
  HostileBytes type, space;
  HostileBytes rest;  ///< begins with the value
};

/// The first version fills parts up to multiples of eight bytes.
HostileBytes take_filled(HostileBytes& body, std::uint64_t bytes, bool is_filled) {
  const HostileBytes part = body.take_part(bytes);
  if (is_filled) body.skip((8 - bytes % 8) % 8);
  return part;
}

Attribute attribute_of(HostileBytes body) {
  const std::uint64_t version = body.take(1), flags = body.take(1);
  if (version < 1 || version > 3) throw Misshapen(Reason::part_unknown);
  const std::uint64_t name_bytes = body.take(2), type_bytes = body.take(2), space_bytes = body.take(2);
  if (version == 3) body.skip(1);  // alphabet of the name
  const bool is_filled = version == 1;
  const std::string_view name = take_filled(body, name_bytes, is_filled).text(name_bytes);
  const HostileBytes type = take_filled(body, type_bytes, is_filled);
  const HostileBytes space = take_filled(body, space_bytes, is_filled);
  return {name, flags == 0, type, space, body};
}

/// Bytes of a text of fixed length that ends in NULs, if at all.
std::uint64_t text_bytes(HostileBytes type) {
  constexpr std::uint64_t text = 3, filled_with_nul = 1, utf_8 = 1;
  const std::uint64_t head = type.take(1), version = head >> 4, form = type.take(3);
  if (version < 1 || version > 3) throw Misshapen(Reason::part_unknown);
  if ((head & 0x0F) != text || (form & 0x0F) > filled_with_nul || form >> 4 > utf_8)
    throw Misshapen(Reason::element_type);
  return type.take(4);
}

std::span<const std::byte> value_of(Attribute attribute, const ExpectedArray& expected) {
  if (!attribute.is_whole) throw Misshapen(Reason::part_unknown);
  count_elements(attribute.space, {expected.path, expected.kind, {}, 0});  // one
  if (expected.kind != Kind::u8) {
    expect_type(attribute.type, expected.kind);
    return attribute.rest.take_part(size_of(expected.kind)).span();
  }
  const std::uint64_t bytes = text_bytes(attribute.type);
  if (bytes == 0 || !may_have(expected, bytes)) throw Misshapen(Reason::element_type);
  return attribute.rest.take_part(bytes).span();
}

}  // namespace

std::span<const std::byte> read_attribute(const ObjectHeader& header, const ExpectedArray& expected) {
  std::optional<Attribute> found;
  for (const ObjectHeader::Entry& entry : header.messages) {
    if (entry.kind != Message::attribute) continue;
    const Attribute attribute = attribute_of(entry.body);
    if (attribute.name != expected.path) continue;
    if (found) throw Misshapen(Reason::part_repeated);
    found = attribute;
  }
  if (found) return value_of(*found, expected);
  if (!expected.is_optional) throw Misshapen(Reason::absent_attribute);
  return {};
}

}  // namespace cohort::store
