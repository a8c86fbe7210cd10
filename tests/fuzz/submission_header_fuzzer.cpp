// Feeds text to the header of a submission: what is read is written again to the letter.
#include <cstdint>
#include <cstdlib>

#include "cohort/core/error.hpp"
#include "cohort/round/submission.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cohort::round;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    if (header_text(header_from_text(text)) != text) std::abort();
  } catch (const cohort::DataError&) {
    return 0;  // refused, as most texts are
  }
  return 0;
}
