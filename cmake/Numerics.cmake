# Flags that decide result bits. They hold for every target, of every compiler:
# no contraction of a*b+c, no value-changing optimisation, strict IEEE semantics.
add_library(cohort_numerics INTERFACE)
target_compile_options(cohort_numerics INTERFACE -ffp-contract=off -fno-fast-math -fno-math-errno)
if(COHORT_SANITIZE)
  target_compile_options(cohort_numerics INTERFACE -fsanitize=${COHORT_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(cohort_numerics INTERFACE -fsanitize=${COHORT_SANITIZE})
endif()
