// Element types, and how many bytes arrays of them take.
#include <stdexcept>

#include "store/extents.hpp"

namespace cohort::store {

std::size_t size_of(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return 1;
    case Kind::i32:
    case Kind::f32:
      return 4;
    case Kind::i64:
    case Kind::f64:
      return 8;
  }
  throw std::logic_error("store: unknown kind");
}

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return "u8";
    case Kind::i32:
      return "i32";
    case Kind::i64:
      return "i64";
    case Kind::f32:
      return "f32";
    case Kind::f64:
      return "f64";
  }
  throw std::logic_error("store: unknown kind");
}

std::int64_t checked_bytes(const Extents& extents, std::int64_t element_bytes) {
  std::int64_t total = element_bytes;
  for (const std::int64_t extent : extents) {
    if (extent < 0 || __builtin_mul_overflow(total, extent, &total)) return -1;
  }
  return total;
}

}  // namespace cohort::store
