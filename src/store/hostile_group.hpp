// The members of one group in a stranger's HDF5 file. Not part of the module's public face.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/hostile_header.hpp"

namespace cohort::store {

// What the library writes when nobody asks for other numbers: leaves of up to 8 members, nodes of up to 32
// children.
inline constexpr std::uint64_t kHalfLeaf = 4, kHalfNode = 16;

/// One link of a group.
struct GroupMember {
  std::string_view name;      ///< in the image
  std::uint64_t address = 0;  ///< of its header
  bool is_hard = true;        ///< else a link that leads elsewhere by a name
};

/// All members of a group, of a symbol table or of links in its header.
///
/// Ensures  the nodes, leaves, heap and gaps are added to `parts`.
/// Throws   Misshapen: the object is no group; a part is outside the image, named twice, of a form that
///          neither this program nor h5py with its own settings writes, or longer than `most_heap_bytes`; a
///          node is not one level below its parent; names do not ascend.
std::vector<GroupMember> read_group(const HostileBytes& image, const ObjectHeader& header,
                                    HostileParts& parts, std::uint64_t most_heap_bytes);

}  // namespace cohort::store
