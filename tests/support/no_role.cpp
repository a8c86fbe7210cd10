#include "support/role.hpp"

std::optional<int> play_other_role(int, char**) {
  return std::nullopt;
}
