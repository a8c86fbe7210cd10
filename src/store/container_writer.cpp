#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/container.hpp"
#include "store/extents.hpp"
#include "store/hdf5_handle.hpp"

namespace cohort::store {
namespace {

/// Rows laid end to end, each padded with NUL to `width`.
std::string pad_rows(std::span<const std::string> rows, std::size_t width) {
  std::string block;
  block.reserve(rows.size() * width);
  for (const std::string& row : rows) block.append(row).append(width - row.size(), '\0');
  return block;
}

/// HDF5 has no text type of zero bytes.
std::size_t width_of(std::span<const std::string> rows) {
  std::size_t width = 1;
  for (const std::string& row : rows) width = std::max(width, row.size());
  return width;
}

std::int64_t row_count(std::span<const std::string> rows) {
  return static_cast<std::int64_t>(rows.size());
}

}  // namespace

struct ContainerWriter::State {
  std::filesystem::path path;
  Handle file;
  Handle new_dataset;  // creation properties: contiguous, allocated at once, no times
  Handle new_link;     // creates the groups on the way

  [[noreturn]] void fail(std::string_view object, std::string_view reason) const {
    throw Error(concat("write ", path.native(), ": ", object, ": ", reason));
  }

  void check(bool succeeded, std::string_view object) const {
    if (!succeeded) fail(object, hdf5_failure());
  }

  void require_open(std::string_view object) const {
    if (!file.is_open())
      throw std::logic_error(concat("write ", path.native(), ": ", object, ": the file is closed"));
  }

  void require_no_nul(std::string_view object, std::string_view text) const {
    if (text.find('\0') != std::string_view::npos)
      fail(object, "the text holds a NUL byte, which cannot be stored");
  }

  Handle create(std::string_view name, hid_t type, const Extents& extents) const {
    require_open(name);
    const Handle space = make_space(extents);
    check(space.is_open(), name);
    Handle dataset(H5Dcreate2(file.get(), std::string(name).c_str(), type, space.get(), new_link.get(),
                              new_dataset.get(), H5P_DEFAULT),
                   H5Dclose);
    check(dataset.is_open(), name);
    return dataset;
  }

  void fill(const Handle& dataset, std::string_view name, hid_t type, const void* bytes) const {
    check(H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0, name);
  }

  void attribute(std::string_view object, std::string_view name, hid_t stored, hid_t given,
                 const Extents& extents, const void* bytes) const {
    const std::string what = concat("attribute '", name, "' of ", object);
    require_open(what);
    const Handle owner(H5Oopen(file.get(), std::string(object).c_str(), H5P_DEFAULT), H5Oclose);
    check(owner.is_open(), what);
    const Handle space = make_space(extents);
    check(space.is_open(), what);
    const Handle attribute(
        H5Acreate2(owner.get(), std::string(name).c_str(), stored, space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    check(attribute.is_open(), what);
    if (checked_bytes(extents, 1) == 0) return;
    check(H5Awrite(attribute.get(), given, bytes) >= 0, what);
  }
};

ContainerWriter::ContainerWriter(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  start_hdf5();
  state_->path = path;
  state_->new_dataset = Handle(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hid_t properties = state_->new_dataset.get();
  // No times, so that equal contents make equal files; no fill values, since every element is written.
  state_->check(H5Pset_layout(properties, H5D_CONTIGUOUS) >= 0 &&
                    H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY) >= 0 &&
                    H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER) >= 0 &&
                    H5Pset_obj_track_times(properties, false) >= 0,
                "set up");
  state_->new_link = Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  state_->check(H5Pset_create_intermediate_group(state_->new_link.get(), 1) >= 0, "set up");
  const Handle access = file_access();
  state_->file = Handle(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  if (!state_->file.is_open()) throw Error(concat("create ", path.native(), ": ", hdf5_failure()));
}

ContainerWriter::~ContainerWriter() = default;

void ContainerWriter::write(std::string_view name, Kind kind, const Extents& extents,
                            std::span<const std::byte> bytes) {
  const std::int64_t expected = checked_bytes(extents, static_cast<std::int64_t>(size_of(kind)));
  if (expected != static_cast<std::int64_t>(bytes.size())) {
    throw std::logic_error(
        concat("write ", name, ": ", bytes.size(), " bytes given, extents ask for ", expected));
  }
  const Handle dataset = state_->create(name, file_type(kind), extents);
  if (!bytes.empty()) state_->fill(dataset, name, memory_type(kind), bytes.data());
}

void ContainerWriter::create(std::string_view name, Kind kind, const Extents& extents) {
  if (checked_bytes(extents, static_cast<std::int64_t>(size_of(kind))) < 0) {
    throw std::logic_error(concat("create ", name, ": extents are negative or too large"));
  }
  state_->create(name, file_type(kind), extents);
}

void ContainerWriter::write_rows(std::string_view name, std::int64_t first,
                                 std::span<const std::byte> bytes) {
  state_->require_open(name);
  const Handle dataset(H5Dopen2(state_->file.get(), std::string(name).c_str(), H5P_DEFAULT), H5Dclose);
  state_->check(dataset.is_open(), name);
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const Handle stored(H5Dget_type(dataset.get()), H5Tclose);
  const Handle type(H5Tget_native_type(stored.get(), H5T_DIR_ASCEND), H5Tclose);
  state_->check(space.is_open() && type.is_open(), name);

  std::vector<hsize_t> count(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space.get())));
  require(!count.empty(), "write_rows: the array has no rows");
  H5Sget_simple_extent_dims(space.get(), count.data(), nullptr);
  const hsize_t rows = count[0];
  hsize_t row_bytes = H5Tget_size(type.get());
  for (std::size_t i = 1; i < count.size(); ++i) row_bytes *= count[i];
  count[0] = row_bytes == 0 ? 0 : bytes.size() / row_bytes;
  const bool fits =
      first >= 0 && static_cast<hsize_t>(first) <= rows && count[0] <= rows - static_cast<hsize_t>(first);
  if (!fits || count[0] * row_bytes != bytes.size()) {
    throw std::logic_error(concat("write rows of ", name, ": ", bytes.size(), " bytes from row ", first,
                                  " do not fit ", rows, " rows of ", row_bytes, " bytes"));
  }
  if (bytes.empty()) return;

  std::vector<hsize_t> start(count.size(), 0);
  start[0] = static_cast<hsize_t>(first);
  const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
  state_->check(
      H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) >= 0 &&
          H5Dwrite(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, bytes.data()) >= 0,
      name);
}

void ContainerWriter::write_text(std::string_view name, std::string_view text) {
  state_->require_no_nul(name, text);
  const std::string padded = text.empty() ? std::string(1, '\0') : std::string(text);
  const Handle type = string_type(padded.size());
  state_->fill(state_->create(name, type.get(), {}), name, type.get(), padded.data());
}

void ContainerWriter::write_strings(std::string_view name, std::span<const std::string> rows) {
  for (const std::string& row : rows) state_->require_no_nul(name, row);
  const std::size_t width = width_of(rows);
  const Handle type = string_type(width);
  const Handle dataset = state_->create(name, type.get(), {row_count(rows)});
  if (!rows.empty()) state_->fill(dataset, name, type.get(), pad_rows(rows, width).data());
}

void ContainerWriter::attribute(std::string_view object, std::string_view name, std::string_view text) {
  state_->require_no_nul(name, text);
  const std::string padded = text.empty() ? std::string(1, '\0') : std::string(text);
  const Handle type = string_type(padded.size());
  state_->attribute(object, name, type.get(), type.get(), {}, padded.data());
}

void ContainerWriter::attribute(std::string_view object, std::string_view name, std::int64_t value) {
  state_->attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, {}, &value);
}

void ContainerWriter::attribute(std::string_view object, std::string_view name, double value) {
  state_->attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &value);
}

void ContainerWriter::attribute(std::string_view object, std::string_view name,
                                std::span<const std::string> values) {
  for (const std::string& value : values) state_->require_no_nul(name, value);
  const std::size_t width = width_of(values);
  const Handle type = string_type(width);
  const std::string block = pad_rows(values, width);
  state_->attribute(object, name, type.get(), type.get(), {row_count(values)}, block.data());
}

void ContainerWriter::attribute(std::string_view object, std::string_view name,
                                std::span<const double> values) {
  const Extents extents = {static_cast<std::int64_t>(values.size())};
  state_->attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, extents, values.data());
}

void ContainerWriter::attribute(std::string_view object, std::string_view name,
                                std::span<const std::int64_t> values) {
  const Extents extents = {static_cast<std::int64_t>(values.size())};
  state_->attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, extents, values.data());
}

void ContainerWriter::close() {
  state_->require_open("close");
  const bool is_flushed = H5Fflush(state_->file.get(), H5F_SCOPE_LOCAL) >= 0;
  const std::string reason = is_flushed ? std::string() : hdf5_failure();
  const bool is_closed = state_->file.close();
  if (!is_flushed) state_->fail("close", reason);
  state_->check(is_closed, "close");
}

}  // namespace cohort::store
