#include "execution_options.hpp"

namespace cohort::app {

void declare_execution(OptionTable& table, train::Execution& execution) {
  execution.threads = 0;
  table.begin_group("Run");
  table
      .duration("max-time", "", execution.max_time_s,
                "then stop with all that is done kept and code 85: 1:30:00, 90s, 2h; 0 = never")
      .common();
  table
      .integer("threads", "", execution.threads, at_least(0),
               "threads per rank; 0 = as many as there are free cores")
      .common();
  table.word("isa", "", {"auto", "avx512", "avx2", "neon", "scalar"}, execution.isa,
             "instruction set (same result)");
}

}  // namespace cohort::app
