# The kernels module's sources below src/kernels/, and the flags of its instruction-set units.
# Each unit is built for one instruction set and holds nothing but kernels on plain pointers, see exact/kernels.inc.
set(units scalar)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(APPEND units avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(APPEND units neon)
endif()
set(flags_avx2 -mavx2 -mfma)
set(flags_avx512 -mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx2 -mfma -mprefer-vector-width=512)
# -O3 in every build type: the units are the whole arithmetic, and unoptimised they would export inline functions.
set(flags_unit -O3 -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables -fno-stack-protector
    -U_FORTIFY_SOURCE)
if(COHORT_SANITIZE)
  # At -O3 a sanitizer's checks in every unrolled tap cost minutes to compile; no flag here decides a bit.
  list(TRANSFORM flags_unit REPLACE "^-O3$" "-O1")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND flags_avx512 -Wno-maybe-uninitialized -Wno-uninitialized)  # in GCC 12's own header, PR 105593
endif()

foreach(unit IN LISTS units)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/kernels/exact/unit_${unit}.cpp)
  target_sources(cohort_kernels PRIVATE ${source})
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${flags_unit};${flags_${unit}}")
endforeach()

file(GLOB backends CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kernels/reference/*.cpp
     ${CMAKE_CURRENT_SOURCE_DIR}/kernels/blas/*.cpp)
target_sources(cohort_kernels PRIVATE ${backends})
