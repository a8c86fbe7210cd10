// main() of unit tests that read strangers' files.
#include <gtest/gtest.h>

#include "support/role.hpp"

int main(int argc, char** argv) {
  if (const auto code = play_other_role(argc, argv)) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
