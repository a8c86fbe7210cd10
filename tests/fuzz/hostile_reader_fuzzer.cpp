// Feeds bytes to what the reading child does with a stranger's file. The HDF5 library itself is not
// instrumented: faults inside it are what the child process is there to contain.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "store/hostile_image.hpp"
#include "support/hostile_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort::store;
  static const bool is_shut_in = shut_hdf5_in();
  static const std::vector<ExpectedArray> expected = tiny_expectation();
  if (!is_shut_in) std::abort();
  std::vector<std::uint8_t> bytes(data, data + size);
  std::uint32_t next = 0;
  const Finding found = read_image(std::as_writable_bytes(std::span(bytes)), expected,
                                   [&](std::uint32_t array, std::span<const std::byte> values) {
                                     if (array != next++) std::abort();
                                     if (!may_have(expected[array], values.size())) std::abort();
                                   });
  if (found.reason == Reason::none && next != expected.size()) std::abort();
  if (found.array >= expected.size() || !std::equal(bytes.begin(), bytes.end(), data)) std::abort();
  return 0;
}
