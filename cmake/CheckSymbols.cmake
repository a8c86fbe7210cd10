# lint.symbols: modules that decide bits call no libm function whose last bit differs between systems.
# Exactly rounded ones (sqrt, fma, floor, ceil, trunc, rint, nearbyint, fabs) are allowed.
#   cmake -DNM=<nm> "-DARCHIVES=<file;...>" -P CheckSymbols.cmake
cmake_minimum_required(VERSION 3.25)
set(functions exp exp2 exp10 expm1 log log2 log10 log1p pow sin cos sincos tan asin acos atan atan2 sinh cosh tanh
    asinh acosh atanh cbrt hypot erf erfc tgamma lgamma fmod remainder)
list(JOIN functions "|" names)
set(violations 0)
foreach(archive IN LISTS ARCHIVES)
  execute_process(COMMAND ${NM} --undefined-only ${archive} OUTPUT_VARIABLE symbols RESULT_VARIABLE code)
  if(code)
    message(FATAL_ERROR "nm failed on ${archive}")
  endif()
  string(REGEX MATCHALL " U (${names})[fl]?(@[^\n]*)?\n" found "${symbols}")
  foreach(symbol IN LISTS found)
    string(STRIP "${symbol}" symbol)
    message("${archive}: ${symbol}: use cohort/core/exact_math.hpp")
    math(EXPR violations "${violations} + 1")
  endforeach()
endforeach()
if(violations)
  message(FATAL_ERROR "${violations} call(s) into libm where bits are decided")
endif()
