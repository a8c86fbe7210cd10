#include "store/hdf5_handle.hpp"

#include <cstdlib>
#include <stdexcept>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "store/descriptor.hpp"

namespace cohort::store {
namespace {

/// HDF5 hides the system's error number in its text: "... errno = 28, error message = 'No space left...',
/// ...".
std::string shorten(const std::string& description) {
  constexpr std::string_view marker = "errno = ";
  const std::size_t found = description.find(marker);
  if (found == std::string::npos) return description;
  const int error = std::atoi(description.c_str() + found + marker.size());
  return error == 0 ? description : describe_errno(error);
}

herr_t keep_innermost(unsigned depth, const H5E_error2_t* entry, void* text) {
  if (depth == 0 && entry->desc) *static_cast<std::string*>(text) = entry->desc;
  return 0;
}

}  // namespace

void start_hdf5() {
  H5dont_atexit();  // before the library starts; later calls do nothing
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string hdf5_failure() {
  std::string description;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &description);
  H5Eclear2(H5E_DEFAULT);
  return description.empty() ? "the HDF5 library failed without a reason" : shorten(description);
}

Handle file_access() {
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (H5Pset_libver_bounds(access.get(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) < 0 ||
      H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG) < 0 ||
      H5Pset_sieve_buf_size(access.get(), 0) < 0 || H5Pset_file_locking(access.get(), false, true) < 0) {
    throw Error(concat("set up HDF5: ", hdf5_failure()));
  }
  return access;
}

hid_t file_type(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return H5T_STD_U8LE;
    case Kind::i32:
      return H5T_STD_I32LE;
    case Kind::i64:
      return H5T_STD_I64LE;
    case Kind::f32:
      return H5T_IEEE_F32LE;
    case Kind::f64:
      return H5T_IEEE_F64LE;
  }
  throw std::logic_error("store: unknown kind");
}

hid_t memory_type(Kind kind) {
  switch (kind) {
    case Kind::u8:
      return H5T_NATIVE_UINT8;
    case Kind::i32:
      return H5T_NATIVE_INT32;
    case Kind::i64:
      return H5T_NATIVE_INT64;
    case Kind::f32:
      return H5T_NATIVE_FLOAT;
    case Kind::f64:
      return H5T_NATIVE_DOUBLE;
  }
  throw std::logic_error("store: unknown kind");
}

Handle string_type(std::size_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  if (H5Tset_size(type.get(), bytes) < 0 || H5Tset_strpad(type.get(), H5T_STR_NULLPAD) < 0 ||
      H5Tset_cset(type.get(), H5T_CSET_UTF8) < 0) {
    throw Error(concat("make an HDF5 text type of ", bytes, " bytes: ", hdf5_failure()));
  }
  return type;
}

Handle make_space(const Extents& extents) {
  if (extents.empty()) return {H5Screate(H5S_SCALAR), H5Sclose};
  const std::vector<hsize_t> sizes(extents.begin(), extents.end());
  return {H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose};
}

}  // namespace cohort::store
