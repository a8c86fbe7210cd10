// Feeds bytes to what the reading child does with a stranger's file, refusing others and skipping them.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "store/hostile_image.hpp"
#include "support/hostile_files.hpp"

namespace cohort::store {
namespace {

void read(std::span<const std::byte> image, const std::vector<ExpectedArray>& expected, Others others) {
  std::uint32_t next = 0;
  const Finding found =
      read_image(image, expected, others, [&](std::uint32_t array, std::span<const std::byte> values) {
        if (array != next++ || !may_have(expected[array], values.size())) std::abort();
        if (values.empty()) return;
        if (values.data() < image.data() || values.data() + values.size() > image.data() + image.size())
          std::abort();
      });
  if (next != (found.reason == Reason::none ? expected.size() : 0)) std::abort();
  if (found.array >= expected.size()) std::abort();
}

}  // namespace
}  // namespace cohort::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort::store;
  static const std::vector<ExpectedArray> strict = tiny_expectation(), lenient = lenient_expectation();
  const auto image = std::as_bytes(std::span(data, size));
  read(image, strict, Others::refused);
  read(image, lenient, Others::skipped);
  return 0;
}
