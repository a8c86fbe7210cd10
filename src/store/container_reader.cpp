#include <algorithm>
#include <optional>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/container.hpp"
#include "store/descriptor.hpp"
#include "store/extents.hpp"
#include "store/hdf5_handle.hpp"

namespace cohort::store {
namespace {

std::optional<Kind> kind_of_type(hid_t type) {
  for (const Kind kind : {Kind::u8, Kind::i32, Kind::i64, Kind::f32, Kind::f64}) {
    if (H5Tequal(type, file_type(kind)) > 0) return kind;
  }
  return std::nullopt;
}

/// Everything before the padding of one fixed-length text.
std::string without_padding(std::string_view field, H5T_str_t padding) {
  if (padding == H5T_STR_NULLTERM) return std::string(field.substr(0, field.find('\0')));
  const char pad = padding == H5T_STR_SPACEPAD ? ' ' : '\0';
  const std::size_t last = field.find_last_not_of(pad);
  return std::string(field.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

std::vector<std::string> cut_fields(std::string_view block, std::size_t width, H5T_str_t padding) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < block.size(); at += width) {
    fields.push_back(without_padding(block.substr(at, width), padding));
  }
  return fields;
}

herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

struct ContainerReader::State {
  std::filesystem::path path;
  Handle file;
  std::int64_t file_bytes = 0;

  [[noreturn]] void refuse(std::string_view object, std::string_view reason) const {
    throw DataError(concat("read ", path.native(), ": ", object, ": ", reason));
  }

  void check(bool succeeded, std::string_view object) const {
    if (!succeeded) refuse(object, hdf5_failure());
  }

  /// True when each part of the path exists. Soft and external links are refused: they could lead out of the
  /// file.
  [[nodiscard]] bool exists(std::string_view name) const {
    std::string so_far;
    for (const std::string& part : split(name, '/')) {
      if (part.empty()) continue;
      so_far += concat("/", part);
      const bool found = H5Lexists(file.get(), so_far.c_str(), H5P_DEFAULT) > 0;
      H5L_info_t link{};
      if (!found || H5Lget_info(file.get(), so_far.c_str(), &link, H5P_DEFAULT) < 0) {
        H5Eclear2(H5E_DEFAULT);
        return false;
      }
      if (link.type != H5L_TYPE_HARD) refuse(so_far, "is a link to somewhere else, which is not accepted");
    }
    return true;
  }

  [[nodiscard]] Handle open_object(std::string_view name) const {
    if (!exists(name)) refuse(name, "is missing");
    Handle object(H5Oopen(file.get(), name.empty() ? "/" : std::string(name).c_str(), H5P_DEFAULT), H5Oclose);
    check(object.is_open(), name);
    return object;
  }

  [[nodiscard]] Handle open_array(std::string_view name) const {
    Handle object = open_object(name);
    if (H5Iget_type(object.get()) != H5I_DATASET) refuse(name, "is not an array");
    const Handle properties(H5Dget_create_plist(object.get()), H5Pclose);
    check(properties.is_open(), name);
    if (H5Pget_layout(properties.get()) == H5D_VIRTUAL || H5Pget_external_count(properties.get()) != 0) {
      refuse(name, "takes its data from another file, which is not accepted");
    }
    return object;
  }

  /// Refuses more bytes than the whole file has, so that a lie cannot exhaust memory.
  [[nodiscard]] std::int64_t plausible_bytes(std::string_view name, const Extents& extents,
                                             std::size_t element_bytes) const {
    const std::int64_t bytes = checked_bytes(extents, static_cast<std::int64_t>(element_bytes));
    if (bytes < 0 || bytes > file_bytes) {
      refuse(name, concat("claims more data than the file's ", file_bytes, " bytes; the file is damaged"));
    }
    return bytes;
  }

  [[nodiscard]] Extents extents_of(std::string_view name, const Handle& space) const {
    check(space.is_open(), name);
    const H5S_class_t space_class = H5Sget_simple_extent_type(space.get());
    if (space_class == H5S_NULL) return {0};
    const int rank = H5Sget_simple_extent_ndims(space.get());
    check(rank >= 0, name);
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr) >= 0, name);
    Extents extents;
    for (const hsize_t size : sizes) {
      if (size > static_cast<hsize_t>(INT64_MAX)) refuse(name, "has an extent beyond 63 bits");
      extents.push_back(static_cast<std::int64_t>(size));
    }
    return extents;
  }

  /// Refuses text of variable length and whatever is not text.
  [[nodiscard]] std::vector<std::string> read_fields(std::string_view what, const Handle& source,
                                                     std::size_t dimensions, bool is_attribute) const {
    const Handle type(is_attribute ? H5Aget_type(source.get()) : H5Dget_type(source.get()), H5Tclose);
    const Handle space(is_attribute ? H5Aget_space(source.get()) : H5Dget_space(source.get()), H5Sclose);
    check(type.is_open(), what);
    if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0) {
      refuse(what, "is not text of fixed length");
    }
    const Extents extents = extents_of(what, space);
    if (extents.size() != dimensions)
      refuse(what, dimensions == 0 ? "is a list, not one text" : "is not a list");
    const std::size_t width = H5Tget_size(type.get());
    std::string block(static_cast<std::size_t>(plausible_bytes(what, extents, width)), '\0');
    if (block.empty()) return {};
    // Memory holds what the file holds, byte for byte.
    const herr_t status =
        is_attribute ? H5Aread(source.get(), type.get(), block.data())
                     : H5Dread(source.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, block.data());
    check(status >= 0, what);
    return cut_fields(block, width, H5Tget_strpad(type.get()));
  }

  static std::string words_for(std::string_view object, std::string_view name) {
    return concat("attribute '", name, "' of ", object);
  }

  [[nodiscard]] Handle open_attribute(std::string_view object, std::string_view name) const {
    const Handle owner = open_object(object);
    const std::string what = words_for(object, name);
    if (H5Aexists(owner.get(), std::string(name).c_str()) <= 0) refuse(what, "is missing");
    Handle attribute(H5Aopen(owner.get(), std::string(name).c_str(), H5P_DEFAULT), H5Aclose);
    check(attribute.is_open(), what);
    return attribute;
  }

  template <typename T>
  [[nodiscard]] std::vector<T> read_numbers(std::string_view object, std::string_view name,
                                            std::size_t dimensions) const {
    const std::string what = words_for(object, name);
    const Handle attribute = open_attribute(object, name);
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const Handle space(H5Aget_space(attribute.get()), H5Sclose);
    check(type.is_open(), what);
    if (kind_of_type(type.get()) != kind_of<T>())
      refuse(what, concat("is not of kind ", name_of(kind_of<T>())));
    const Extents extents = extents_of(what, space);
    if (extents.size() != dimensions)
      refuse(what, dimensions == 0 ? "is a list, not one number" : "is not a list");
    const std::int64_t bytes = plausible_bytes(what, extents, sizeof(T));
    std::vector<T> values(static_cast<std::size_t>(bytes) / sizeof(T));
    if (!values.empty()) check(H5Aread(attribute.get(), memory_type(kind_of<T>()), values.data()) >= 0, what);
    return values;
  }
};

ContainerReader::ContainerReader(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  start_hdf5();
  state_->path = path;
  // Neither waits for a writer of a pipe nor takes a terminal.
  const Descriptor readable(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!readable.is_open()) throw_errno("open", path, errno);
  if (!std::filesystem::is_regular_file(path))
    throw Error(concat("open ", path.native(), ": not a regular file"));
  state_->file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path));
  const Handle access = file_access();
  state_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!state_->file.is_open()) {
    throw DataError(concat("open ", path.native(), ": not a whole HDF5 file: ", hdf5_failure()));
  }
}

ContainerReader::~ContainerReader() = default;
ContainerReader::ContainerReader(ContainerReader&&) noexcept = default;

bool ContainerReader::contains(std::string_view name) const {
  return state_->exists(name);
}

std::vector<std::string> ContainerReader::members(std::string_view group) const {
  const Handle object = state_->open_object(group);
  if (H5Iget_type(object.get()) != H5I_GROUP) state_->refuse(group, "is not a group");
  std::vector<std::string> names;
  state_->check(H5Literate(object.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names) >= 0,
                group);
  std::sort(names.begin(), names.end());
  return names;
}

ArrayInfo ContainerReader::info(std::string_view name) const {
  const Handle dataset = state_->open_array(name);
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const Handle properties(H5Dget_create_plist(dataset.get()), H5Pclose);
  state_->check(type.is_open() && properties.is_open(), name);
  const std::optional<Kind> kind = kind_of_type(type.get());
  if (!kind)
    state_->refuse(name, "holds elements other than u8, i32, i64, f32 or f64 in little-endian order");

  ArrayInfo info{*kind, state_->extents_of(name, space), false, -1};
  const std::int64_t bytes = state_->plausible_bytes(name, info.extents, size_of(*kind));
  info.is_contiguous =
      H5Pget_layout(properties.get()) == H5D_CONTIGUOUS && H5Pget_nfilters(properties.get()) == 0;
  const haddr_t offset = info.is_contiguous ? H5Dget_offset(dataset.get()) : HADDR_UNDEF;
  H5Eclear2(H5E_DEFAULT);  // asking for the place of an array without bytes counts as a failure
  if (offset == HADDR_UNDEF) return info;
  if (offset > static_cast<haddr_t>(state_->file_bytes - bytes))
    state_->refuse(name, "ends beyond the end of the file");
  info.file_offset = static_cast<std::int64_t>(offset);
  return info;
}

void ContainerReader::read(std::string_view name, Kind kind, std::span<std::byte> bytes) const {
  const ArrayInfo array = info(name);
  if (array.kind != kind) {
    state_->refuse(name, concat("is of kind ", name_of(array.kind), ", expected ", name_of(kind)));
  }
  const std::int64_t stored = checked_bytes(array.extents, static_cast<std::int64_t>(size_of(kind)));
  if (stored != static_cast<std::int64_t>(bytes.size())) {
    state_->refuse(name, concat("has ", stored, " bytes, expected ", bytes.size()));
  }
  if (bytes.empty()) return;
  const Handle dataset = state_->open_array(name);
  state_->check(H5Dread(dataset.get(), memory_type(kind), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0,
                name);
}

std::string ContainerReader::read_text(std::string_view name) const {
  return state_->read_fields(name, state_->open_array(name), 0, false).at(0);
}

std::vector<std::string> ContainerReader::read_strings(std::string_view name) const {
  return state_->read_fields(name, state_->open_array(name), 1, false);
}

bool ContainerReader::has_attribute(std::string_view object, std::string_view name) const {
  if (!state_->exists(object)) return false;
  return H5Aexists(state_->open_object(object).get(), std::string(name).c_str()) > 0;
}

std::string ContainerReader::text_attribute(std::string_view object, std::string_view name) const {
  const Handle attribute = state_->open_attribute(object, name);
  return state_->read_fields(State::words_for(object, name), attribute, 0, true).at(0);
}

std::vector<std::string> ContainerReader::strings_attribute(std::string_view object,
                                                            std::string_view name) const {
  const Handle attribute = state_->open_attribute(object, name);
  return state_->read_fields(State::words_for(object, name), attribute, 1, true);
}

std::int64_t ContainerReader::int_attribute(std::string_view object, std::string_view name) const {
  return state_->read_numbers<std::int64_t>(object, name, 0).at(0);
}

double ContainerReader::double_attribute(std::string_view object, std::string_view name) const {
  return state_->read_numbers<double>(object, name, 0).at(0);
}

std::vector<double> ContainerReader::doubles_attribute(std::string_view object, std::string_view name) const {
  return state_->read_numbers<double>(object, name, 1);
}

std::vector<std::int64_t> ContainerReader::ints_attribute(std::string_view object,
                                                          std::string_view name) const {
  return state_->read_numbers<std::int64_t>(object, name, 1);
}

}  // namespace cohort::store
