// hostile_files FOLDER: writes every attack file of the tests, as seeds for fuzzing or to try a reader on.
#include <cstdio>

#include "support/hostile_files.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: hostile_files FOLDER\n", stderr);
    return 2;
  }
  std::filesystem::create_directories(argv[1]);
  for (const auto& file : cohort::store::write_hostile_files(argv[1])) std::puts(file.name.c_str());
  for (const auto& file : cohort::store::write_files_with_others(argv[1])) std::puts(file.name.c_str());
  return 0;
}
