// main() of test programs that read strangers' files: they are started again as the reading child.
#include <gtest/gtest.h>

#include "cohort/store/hostile_reader.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && argv[1] == cohort::store::kHostileReaderArgument)
    return cohort::store::run_hostile_reader();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
