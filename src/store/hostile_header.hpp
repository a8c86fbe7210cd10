// The header of one object in a stranger's HDF5 file. Not part of the module's public face.
#pragma once

#include <cstdint>
#include <vector>

#include "store/hostile_bytes.hpp"

namespace cohort::store {

/// One message of a header, and the number that tells its kind.
struct HeaderMessage {
  std::uint64_t type = 0;
  HostileBytes body;
};

/// All messages of the header at `address`, of its continuation blocks too; what fills gaps and what leads to
/// the next block is left out. Headers of both versions.
///
/// Ensures  the header's blocks are added to `parts`.
/// Throws   Misshapen: a block is outside the image, or named twice, or there are more of them, of messages
///          or of bytes than an honest writer needs; a message is kept elsewhere.
std::vector<HeaderMessage> read_header(const HostileBytes& image, std::uint64_t address, HostileParts& parts);

}  // namespace cohort::store
