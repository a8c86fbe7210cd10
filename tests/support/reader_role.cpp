// The role of programs that read strangers' files: they are started again as the reading child.
#include "cohort/store/hostile_reader.hpp"
#include "support/role.hpp"

std::optional<int> play_other_role(int argc, char** argv) {
  if (argc < 2 || argv[1] != cohort::store::kHostileReaderArgument) return std::nullopt;
  return cohort::store::run_hostile_reader();
}
