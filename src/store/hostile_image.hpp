// Looks into the bytes of a stranger's HDF5 file, without the HDF5 library: what a file holds must not depend
// on memory that it does not fill, on the machine's speed or on the library's version
// (docs/decisions/0009-strangers-files-without-the-library.md). Not part of the module's public face; runs in
// the limited child (and in the fuzzer).
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "store/hostile_protocol.hpp"

namespace cohort::store {

/// Takes the values of the next expected array, in the order of the expectation.
using TakeArray = std::function<void(std::uint32_t array, std::span<const std::byte> values)>;

/// Checks the whole file against the expectation, then hands out every array. Nothing is handed out unless
/// all that must be on the list is there, and all that the file holds is on it (or skipped, where others
/// are).
///
/// Requires  expected paths that differ, none a group of another.
/// Cost      linear in what is expected, whatever the image holds.
Finding read_image(std::span<const std::byte> image, std::span<const ExpectedArray> expected, Others others,
                   const TakeArray& take);

}  // namespace cohort::store
