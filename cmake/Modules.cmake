# cohort_module(<name> [DEPENDS <module>...] [LINK <target>...] [OWNS <header regex>])
# One folder is one static library is one node of the architecture graph. A module's sources are
# src/<name>/*.cpp, its public face include/cohort/<name>/*.hpp. The call is recorded for lint.layers.
function(cohort_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OWNS" "DEPENDS;LINK")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/cohort/${name}/*.hpp)
  add_library(cohort_${name} STATIC ${sources})
  add_library(cohort::${name} ALIAS cohort_${name})
  target_sources(cohort_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include
                 FILES ${headers})
  target_include_directories(cohort_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  set_target_properties(cohort_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  cohort_warnings(cohort_${name})
  list(TRANSFORM arg_DEPENDS PREPEND cohort_ OUTPUT_VARIABLE dependencies)
  target_link_libraries(cohort_${name} PUBLIC cohort_numerics ${dependencies} PRIVATE ${arg_LINK})
  string(JOIN "," allowed ${name} ${arg_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY COHORT_LAYERS "${name}=${allowed}=${arg_OWNS}")
endfunction()

# cohort_warnings(<target>): the warnings every target of ours is built with.
function(cohort_warnings target)
  # g++ 12 sees overlapping copies in std::string at -O3 that are not there (GCC bug 105651).
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<BOOL:${COHORT_WERROR}>:-Werror>)
endfunction()
