// One array in a stranger's HDF5 file. Not part of the module's public face.
#pragma once

#include <cstddef>
#include <span>

#include "store/hostile_header.hpp"

namespace cohort::store {

/// The values of the array that a header describes: little-endian, in the image itself.
///
/// Throws  Misshapen: the object is no array, has other extents or elements than expected, or is not wholly
///         stored in the image as one piece without a filter.
std::span<const std::byte> read_array(const HostileBytes& image, const ObjectHeader& header,
                                      const ExpectedArray& expected);

/// Elements by a message of extents. Throws Misshapen: they are other extents than the expected ones.
std::uint64_t count_elements(HostileBytes space, const ExpectedArray& expected);

/// Throws Misshapen where a message of the type describes another one.
void expect_type(HostileBytes type, Kind kind);

}  // namespace cohort::store
