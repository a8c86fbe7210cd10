// cohort-reader: reads one stranger's file for cohort, which starts it, asks on its standard input and
// believes nothing that it answers. A program of its own so that it maps the language's libraries alone.
#include <unistd.h>

#include <cstdio>

#include "cohort/store/hostile_reader.hpp"

int main(int argc, char**) {
  if (argc > 1 || isatty(STDIN_FILENO) == 1) {
    std::fputs("cohort-reader: reads strangers' files for cohort, which starts it; not to be used by hand\n",
               stderr);
    return 2;
  }
  return cohort::store::run_hostile_reader();
}
