// The HDF5 C library behind owning handles, with its failures as text. Not part of the module's public face.
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <utility>

#include "cohort/store/container.hpp"

namespace cohort::store {

/// An HDF5 identifier and the function that closes it.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  ~Handle() { close(); }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] hid_t get() const { return id_; }
  [[nodiscard]] bool is_open() const { return id_ >= 0; }
  /// Closes now; false when the library reports a failure.
  bool close() { return id_ < 0 || close_(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

/// Stops the library from printing its error stack, since failures become exceptions here, and from cleaning
/// up at exit: it crashes there (1.10.8) when a file could not be flushed, and handles of ours leave it
/// nothing to do.
void start_hdf5();

/// The innermost description on the library's error stack, which it clears; a full disk comes out as such.
std::string hdf5_failure();

/// File access: no locks, since files of ours are never written in place and network file systems may refuse
/// locks; closing the file closes what is open in it; no buffer between arrays and the file, so that a full
/// disk shows where it is hit; format of the 1.8 library and older.
Handle file_access();

/// Little-endian in the file; the processor's own order in memory.
hid_t file_type(Kind kind);
hid_t memory_type(Kind kind);

/// UTF-8 of a fixed number of bytes, padded with NUL. Requires bytes > 0.
Handle string_type(std::size_t bytes);

/// A scalar for no extents.
Handle make_space(const Extents& extents);

}  // namespace cohort::store
