#include "store/extents.hpp"

namespace cohort::store {

std::int64_t checked_bytes(const Extents& extents, std::int64_t element_bytes) {
  std::int64_t total = element_bytes;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || __builtin_mul_overflow(total, extent, &total)) return -1;
  }
  return total;
}

}  // namespace cohort::store
