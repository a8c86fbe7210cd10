// Looks into the bytes of a stranger's HDF5 file. Not part of the module's public face; runs in the limited
// child (and in the fuzzer).
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "store/hostile_protocol.hpp"

namespace cohort::store {

/// Takes the values of the next expected array, in the order of the expectation.
using TakeArray = std::function<void(std::uint32_t array, std::span<const std::byte> values)>;

/// Turns off what could make the HDF5 library leave the bytes that it is given: filter plugins and external
/// links. Returns false when the library refuses.
bool shut_hdf5_in();

/// Checks the whole file against the expectation, then hands out every array. Nothing is handed out unless
/// everything that the file holds is on the list; a later read may still fail.
///
/// Requires shut_hdf5_in. `image` is not changed.
Finding read_image(std::span<std::byte> image, std::span<const ExpectedArray> expected,
                   const TakeArray& take);

}  // namespace cohort::store
