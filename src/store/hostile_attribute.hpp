// One attribute in a stranger's HDF5 file. Not part of the module's public face.
#pragma once

#include <cstddef>
#include <span>

#include "store/hostile_header.hpp"

namespace cohort::store {

/// The value of the attribute that stands in a header under the expected name, in the image itself; nothing
/// when it is optional and not there. Of the others it looks at the names alone.
///
/// Throws  Misshapen: it is not there, or twice, or has another type or length than expected; an attribute
///         is of an unknown form or leads out of its message.
std::span<const std::byte> read_attribute(const ObjectHeader& header, const ExpectedArray& expected);

}  // namespace cohort::store
