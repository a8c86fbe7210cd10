# cmake -DREADER=<program> -P CheckReader.cmake: the program that reads strangers' files maps nothing but the language's
# own libraries, so that a file has no other code to reach.
execute_process(COMMAND ldd "${READER}" OUTPUT_VARIABLE libraries RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "ldd ${READER}: ended with ${code}")
endif()
string(REGEX MATCHALL "[a-z0-9_+-]+\\.so" names "${libraries}")
if(NOT names MATCHES "libc\\.so")
  message(FATAL_ERROR "ldd ${READER} said nothing of the C library:\n${libraries}")
endif()
list(FILTER names EXCLUDE REGEX "^(linux-vdso|linux-gate|libc|libm|libgcc_s|libstdc\\+\\+|ld-linux[a-z0-9_-]*)\\.so$")
if(names)
  message(FATAL_ERROR "${READER} maps ${names}: what it needs of store must not need a foreign library")
endif()
