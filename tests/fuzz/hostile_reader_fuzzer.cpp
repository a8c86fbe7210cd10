// Feeds bytes to what the reading child does with a stranger's file.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "store/hostile_image.hpp"
#include "support/hostile_files.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort::store;
  static const std::vector<ExpectedArray> expected = tiny_expectation();
  const auto image = std::as_bytes(std::span(data, size));
  std::uint32_t next = 0;
  const Finding found =
      read_image(image, expected, [&](std::uint32_t array, std::span<const std::byte> values) {
        if (array != next++ || !may_have(expected[array], values.size())) std::abort();
        if (values.data() < image.data() || values.data() + values.size() > image.data() + size) std::abort();
      });
  if (next != (found.reason == Reason::none ? expected.size() : 0)) std::abort();
  if (found.array >= expected.size()) std::abort();
  return 0;
}
