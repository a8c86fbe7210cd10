# Every foreign library, each linked by exactly one module of src/CMakeLists.txt.
set(MPI_CXX_SKIP_MPICXX ON)
find_package(MPI REQUIRED COMPONENTS CXX)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(toml11 REQUIRED)

# HDF5: the serial C library, under an interface target of our own.
find_package(PkgConfig REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
add_library(cohort_hdf5 INTERFACE)
target_include_directories(cohort_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS})
target_link_libraries(cohort_hdf5 INTERFACE ${HDF5_C_LIBRARIES})

# OpenCV: three of its libraries, found one by one so that the large meta package is not needed.
add_library(cohort_opencv INTERFACE)
find_path(OPENCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4 REQUIRED)
target_include_directories(cohort_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
foreach(part core imgproc imgcodecs)
  find_library(OPENCV_${part}_LIBRARY opencv_${part} REQUIRED)
  target_link_libraries(cohort_opencv INTERFACE ${OPENCV_${part}_LIBRARY})
endforeach()

# OpenBLAS with LAPACKE.
add_library(cohort_blas INTERFACE)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
target_link_libraries(cohort_blas INTERFACE PkgConfig::OPENBLAS)
# Debian keeps LAPACKE beside OpenBLAS, others inside it.
find_path(LAPACKE_INCLUDE_DIR lapacke.h HINTS ${OPENBLAS_INCLUDE_DIRS} REQUIRED)
target_include_directories(cohort_blas SYSTEM INTERFACE ${LAPACKE_INCLUDE_DIR})
find_library(LAPACKE_LIBRARY lapacke)
if(LAPACKE_LIBRARY)
  target_link_libraries(cohort_blas INTERFACE ${LAPACKE_LIBRARY})
endif()

# libsodium: keys and signatures.
add_library(cohort_sodium INTERFACE)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
target_link_libraries(cohort_sodium INTERFACE PkgConfig::SODIUM)
