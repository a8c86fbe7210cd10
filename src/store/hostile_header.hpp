// The header of one object in a stranger's HDF5 file. Not part of the module's public face.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/hostile_bytes.hpp"

namespace cohort::store {

/// Kinds of messages that a header may hold; numbers as in the HDF5 File Format Specification, version 3.0.
enum class Message : std::uint64_t {
  space = 0x01,
  link_info = 0x02,
  type = 0x03,
  old_fill = 0x04,
  fill = 0x05,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0A,
  filters = 0x0B,
  attribute = 0x0C,
  comment = 0x0D,
  old_time = 0x0E,
  symbol_table = 0x11,
  time = 0x12,
  attribute_info = 0x15,
  link_count = 0x16
};

/// What the header of a group or an array says about it.
struct ObjectHeader {
  struct Entry {
    Message kind;
    HostileBytes body;
  };
  std::vector<Entry> messages;
  std::uint64_t links = 1;  ///< that lead to the object

  /// The message of this kind, if there is one. Throws Misshapen when there are several.
  [[nodiscard]] std::optional<HostileBytes> only(Message kind) const;
  [[nodiscard]] bool has(Message kind) const;
};

/// The header at `address` with all its messages, of its continuation blocks too; what fills gaps and what
/// leads to the next block is left out. Headers of both versions; checksums are not looked at. Where others
/// are skipped, attributes may be of any length.
///
/// Ensures  the header's blocks are added to `parts`.
/// Throws   Misshapen: a block is outside the image, or named twice, or there are more of them, of messages
///          or of bytes than an honest writer needs; a message is of an unknown kind or kept elsewhere.
ObjectHeader read_header(const HostileBytes& image, std::uint64_t address, HostileParts& parts,
                         Others others);

/// Links or attributes that are too many for the header stand in a heap of another kind, with trees of
/// another kind: the form of no group that this program or h5py as it comes would write. Throws Misshapen for
/// them.
///
/// `order_bytes`: of the highest order of creation, 8 for links and 2 for attributes.
void expect_none_elsewhere(HostileBytes message, std::uint64_t order_bytes);

}  // namespace cohort::store
