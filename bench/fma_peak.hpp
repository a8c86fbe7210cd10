// How fast this core multiplies and adds, measured beside each case: fractions of it survive a shared
// machine, bare GFLOP/s do not.
#pragma once

#include <string_view>

namespace cohort::bench {

/// Best of `repeats` short runs (about 2 ms each) of independent fused multiply-adds in registers, in GFLOP/s
/// of one thread, with the widest vectors of `isa` ("avx512", "avx2"; anything else is plain C++).
double fma_peak_gflops(std::string_view isa, int repeats = 10);

}  // namespace cohort::bench
