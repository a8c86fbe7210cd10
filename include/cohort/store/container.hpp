// HDF5 files of ours: groups, contiguous little-endian arrays, attributes; no filters, no links, no HDF5
// types in sight. Reading trusts nothing: names, kinds and sizes are asked for and checked by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cohort::store {

/// Element types; each is stored little-endian.
enum class Kind { u8, i32, i64, f32, f64 };

/// Bytes of one element.
std::size_t size_of(Kind kind);
/// "u8", "i32", "i64", "f32" or "f64", for messages.
std::string_view name_of(Kind kind);
/// The kind of a C++ type.
template <typename T>
constexpr Kind kind_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    return Kind::u8;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    return Kind::i32;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return Kind::i64;
  } else if constexpr (std::is_same_v<T, float>) {
    return Kind::f32;
  } else {
    static_assert(std::is_same_v<T, double>, "no kind stores this type");
    return Kind::f64;
  }
}

/// Elements along each dimension, outermost first.
using Extents = std::vector<std::int64_t>;

/// What the file says about one array.
struct ArrayInfo {
  Kind kind = Kind::u8;
  Extents extents;
  bool is_contiguous = false;
  /// Byte position in the file when contiguous and allocated, else -1.
  std::int64_t file_offset = -1;
};

/// Creates a file and writes into it. Paths such as "model/conv1/weight" create their groups.
///
/// Written with the earliest library format (readable by h5py, Netron and old tools). Throws Error naming the
/// file and the object, for example on a full disk. close() reports what a destructor could only swallow.
class ContainerWriter {
 public:
  explicit ContainerWriter(const std::filesystem::path& path);
  ~ContainerWriter();

  /// Writes a whole array. Requires as many bytes as the extents hold, in the machine's byte order.
  void write(std::string_view name, Kind kind, const Extents& extents, std::span<const std::byte> bytes);
  template <typename T>
  void write(std::string_view name, const Extents& extents, std::span<const T> values) {
    write(name, kind_of<T>(), extents, std::as_bytes(values));
  }
  /// Reserves a contiguous array to be filled by write_rows.
  void create(std::string_view name, Kind kind, const Extents& extents);
  /// Writes rows [first, first + count) along the first dimension; count follows from bytes.size().
  void write_rows(std::string_view name, std::int64_t first, std::span<const std::byte> bytes);
  /// Text of any length as a scalar fixed-length UTF-8 dataset.
  void write_text(std::string_view name, std::string_view text);
  /// One fixed-length UTF-8 string per row, padded with NUL to the longest.
  void write_strings(std::string_view name, std::span<const std::string> rows);

  /// Attributes; `object` is "/" or the path of a group or array.
  void attribute(std::string_view object, std::string_view name, std::string_view text);
  void attribute(std::string_view object, std::string_view name, std::int64_t value);
  void attribute(std::string_view object, std::string_view name, int value) {
    attribute(object, name, std::int64_t{value});
  }
  void attribute(std::string_view object, std::string_view name, double value);
  void attribute(std::string_view object, std::string_view name, std::span<const std::string> values);
  void attribute(std::string_view object, std::string_view name, std::span<const double> values);
  void attribute(std::string_view object, std::string_view name, std::span<const std::int64_t> values);

  /// Flushes and closes. Throws Error; nothing may be written afterwards.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Opens an existing file for reading. Throws Error for a missing file, DataError for one that is not HDF5,
/// is truncated or holds something else than asked for. Links and data kept in other files are refused, and
/// so is an array that claims more bytes than the file has.
class ContainerReader {
 public:
  explicit ContainerReader(const std::filesystem::path& path);
  ~ContainerReader();
  ContainerReader(ContainerReader&&) noexcept;

  /// Whether a group or an array of this path exists.
  [[nodiscard]] bool contains(std::string_view name) const;
  /// Names of the direct members of a group, sorted bytewise.
  [[nodiscard]] std::vector<std::string> members(std::string_view group) const;
  /// What the file says of an array, without reading it.
  [[nodiscard]] ArrayInfo info(std::string_view name) const;

  /// Reads a whole array into `bytes`; kind and total size must match.
  void read(std::string_view name, Kind kind, std::span<std::byte> bytes) const;
  template <typename T>
  [[nodiscard]] std::vector<T> read(std::string_view name) const {
    const ArrayInfo array = info(name);
    std::int64_t count = 1;
    for (const std::int64_t extent : array.extents) count *= extent;
    std::vector<T> values(static_cast<std::size_t>(count));
    read(name, kind_of<T>(), std::as_writable_bytes(std::span<T>(values)));
    return values;
  }
  /// What write_text and write_strings wrote, without the padding.
  [[nodiscard]] std::string read_text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> read_strings(std::string_view name) const;

  /// Attributes of "/", a group or an array; throws DataError when one is missing or of another kind.
  [[nodiscard]] bool has_attribute(std::string_view object, std::string_view name) const;
  [[nodiscard]] std::string text_attribute(std::string_view object, std::string_view name) const;
  [[nodiscard]] std::int64_t int_attribute(std::string_view object, std::string_view name) const;
  [[nodiscard]] double double_attribute(std::string_view object, std::string_view name) const;
  [[nodiscard]] std::vector<std::string> strings_attribute(std::string_view object,
                                                           std::string_view name) const;
  [[nodiscard]] std::vector<double> doubles_attribute(std::string_view object, std::string_view name) const;
  [[nodiscard]] std::vector<std::int64_t> ints_attribute(std::string_view object,
                                                         std::string_view name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cohort::store
