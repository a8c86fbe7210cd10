# How tests are registered: one function per kind, each sets label, time limit and processors, so that
# ctest -j never runs more than the machine has.
find_package(GTest REQUIRED)
include(GoogleTest)
set(COHORT_TEST_ENVIRONMENT OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    OMPI_MCA_btl_vader_single_copy_mechanism=none)
if(COHORT_SANITIZE MATCHES "address")
  list(APPEND COHORT_TEST_ENVIRONMENT ASAN_OPTIONS=detect_leaks=0)  # Open MPI itself leaks
endif()
set(COHORT_TEST_SECONDS 300)
if(COHORT_SANITIZE)
  set(COHORT_TEST_SECONDS 1500)  # checked code is several times slower
endif()
add_custom_target(unit_and_mpi_tests)  # what the sanitizers' presets build

# cohort_unit_tests(<module>): tests/unit/<module>/*_test.cpp as one program; no MPI, fixed seeds. Label: unit.
function(cohort_unit_tests module)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/${module}/*_test.cpp)
  add_executable(unit_${module} ${sources})
  target_link_libraries(unit_${module} PRIVATE cohort_${module} GTest::gtest_main ${ARGN})
  target_include_directories(unit_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  cohort_warnings(unit_${module})
  add_dependencies(unit_and_mpi_tests unit_${module})
  add_test(NAME unit.${module} COMMAND unit_${module})
  set_tests_properties(unit.${module} PROPERTIES LABELS unit TIMEOUT ${COHORT_TEST_SECONDS} PROCESSORS 1
                       ENVIRONMENT "${COHORT_TEST_ENVIRONMENT}")
endfunction()

# cohort_mpi_tests(<module> RANKS <n>...): tests/mpi/<module>/*_test.cpp under mpirun at each rank count. Label: mpi.
function(cohort_mpi_tests module)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "RANKS;LINK")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/mpi/${module}/*_test.cpp)
  add_executable(mpi_${module} ${sources} ${PROJECT_SOURCE_DIR}/tests/support/mpi_main.cpp)
  target_link_libraries(mpi_${module} PRIVATE cohort_${module} MPI::MPI_CXX GTest::gtest ${arg_LINK})
  target_include_directories(mpi_${module} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  cohort_warnings(mpi_${module})
  add_dependencies(unit_and_mpi_tests mpi_${module})
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME mpi.${module}.n${ranks} COMMAND mpirun -q -n ${ranks} $<TARGET_FILE:mpi_${module}>)
    set_tests_properties(mpi.${module}.n${ranks} PROPERTIES LABELS mpi TIMEOUT ${COHORT_TEST_SECONDS} PROCESSORS 2
                         ENVIRONMENT "${COHORT_TEST_ENVIRONMENT}")
  endforeach()
endfunction()

# cohort_script_test(<label> <name> TIMEOUT <s> COMMAND <command>...): a script that exits 0 on success and 77 to
# skip with a printed reason.
function(cohort_script_test label name)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT;PROCESSORS" "COMMAND")
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 2)
  endif()
  add_test(NAME ${label}.${name} COMMAND ${arg_COMMAND})
  set_tests_properties(${label}.${name} PROPERTIES LABELS ${label} TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
                       PROCESSORS ${arg_PROCESSORS} ENVIRONMENT "${COHORT_TEST_ENVIRONMENT}")
endfunction()
