# lint.format: every source file is as clang-format would write it.
#   cmake -DROOT=<project> -DCLANG_FORMAT=<program> -P CheckFormat.cmake
cmake_minimum_required(VERSION 3.25)
if(NOT CLANG_FORMAT OR CLANG_FORMAT MATCHES "NOTFOUND")
  message("clang-format is not installed")
  return()
endif()
file(GLOB_RECURSE files ${ROOT}/include/*.hpp ${ROOT}/src/*.cpp ${ROOT}/src/*.hpp ${ROOT}/src/*.inc
     ${ROOT}/tests/*.cpp ${ROOT}/tests/*.hpp ${ROOT}/bench/*.cpp ${ROOT}/bench/*.hpp)
execute_process(COMMAND ${CLANG_FORMAT} --dry-run --Werror ${files} RESULT_VARIABLE code ERROR_VARIABLE output)
if(code)
  string(REGEX MATCHALL "[^\n]*error: code should be clang-formatted[^\n]*" lines "${output}")
  list(REMOVE_DUPLICATES lines)
  list(JOIN lines "\n" text)
  message(FATAL_ERROR "${text}\nrun: clang-format -i <file>")
endif()
