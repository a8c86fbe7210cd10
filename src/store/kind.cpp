// Element types.
#include <stdexcept>

#include "cohort/store/container.hpp"

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

}  // namespace cohort::store
