// Whether the structure of a stranger's HDF5 file can be given to the library. Not part of the module's
// public face.
//
// The library walks what a file's addresses lead it to, and does not notice that it comes by twice: a tree of
// a few nodes that name each other's children over and over keeps it busy for as long as the file's writer
// likes, and a verdict would hang on the speed of the machine. So code of our own walks first: superblock,
// object headers, and of groups the tree, its leaves and the heap of names.
#pragma once

#include <cstddef>
#include <span>

#include "store/hostile_protocol.hpp"

namespace cohort::store {

/// Reason::none when every part of the structure lies in the image, is of a known form, is there once, and
/// there are no more than `members` groups and arrays can need. Names, types, extents and values are the
/// library's to read.
///
/// Requires  the image begins with the signature of HDF5.
/// Cost      linear in `members`, whatever the image holds.
Reason check_structure(std::span<const std::byte> image, std::size_t members);

}  // namespace cohort::store
