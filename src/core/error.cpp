#include "cohort/core/error.hpp"

namespace cohort {

void require(bool condition, const char* message) {
  if (!condition) throw std::logic_error(message);
}

}  // namespace cohort
