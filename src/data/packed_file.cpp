#include "data/packed_file.hpp"

#include <algorithm>
#include <limits>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/utf8.hpp"
#include "cohort/store/container.hpp"
#include "data/packed_layout.hpp"
#include "data/plain_name.hpp"
#include "data/problems.hpp"
#include "data/sample_record.hpp"

namespace cohort::data {
namespace {

constexpr std::int64_t kMaxSide = 1 << 16;
constexpr std::int64_t kMaxColumns = 1 << 12;

/// Reads a packed file and believes nothing it says before it has been checked.
class Opener {
 public:
  explicit Opener(const std::filesystem::path& path) : path_(path), reader_(path) {}

  void read(PackedFile& file) {
    check_format();
    file.map = store::MappedFile(path_);
    read_images(file);
    read_rows(file);
    read_names(file);
    read_columns(file);
    read_normalization(file);
    read_digest(file);
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw DataError(concat("open data set ", path_.string(), ": ", problem));
  }
  void check(bool condition, const std::string& problem) const {
    if (!condition) refuse(problem);
  }

  void check_format() const {
    check(
        reader_.has_attribute("/", "format") && reader_.text_attribute("/", "format") == layout::kFormatName,
        "this is no packed data set of ours; make one with 'cohort import'");
    const std::int64_t version = reader_.int_attribute("/", "format_version");
    check(version == kDatasetFormatVersion, concat("it has format version ", version, ", this program reads ",
                                                   kDatasetFormatVersion, "; import the images again"));
  }

  /// Pixels are mapped, not read: they must lie in one piece inside the file.
  void read_images(PackedFile& file) {
    const store::ArrayInfo images = reader_.info(layout::kImages);
    check(images.kind == store::Kind::u8 && images.extents.size() == 4,
          "images are not bytes of four dimensions");
    count_ = images.extents[0];
    const std::int64_t height = images.extents[1], width = images.extents[2];
    check(count_ > 0 && count_ <= std::numeric_limits<std::int32_t>::max(),
          "the number of images is out of range");
    check(height > 0 && height <= kMaxSide && width > 0 && width <= kMaxSide && images.extents[3] == 3,
          "images are not height x width x 3");
    file.shape = {3, static_cast<int>(height), static_cast<int>(width)};
    const auto file_bytes = static_cast<std::int64_t>(file.map.bytes().size());
    const std::int64_t image_bytes = file.shape.count();
    check(images.is_contiguous && images.file_offset >= 0,
          "images are not contiguous or pass through a filter");
    check(count_ <= file_bytes / image_bytes && images.file_offset <= file_bytes - count_ * image_bytes,
          "images reach beyond the end of the file; it is truncated");
    file.pixels = {reinterpret_cast<const std::uint8_t*>(file.map.bytes().data()) + images.file_offset,
                   static_cast<std::size_t>(count_ * image_bytes)};
  }

  template <typename T>
  [[nodiscard]] std::vector<T> read_array(std::string_view name, const store::Extents& extents) const {
    const store::ArrayInfo info = reader_.info(name);
    check(info.kind == store::kind_of<T>() && info.extents == extents,
          concat(name, " have another kind or number than the images"));
    return reader_.read<T>(name);
  }

  void read_rows(PackedFile& file) const {
    file.labels = read_array<std::int32_t>(layout::kLabels, {count_});
    file.splits = read_array<std::uint8_t>(layout::kSplits, {count_});
    check(std::ranges::all_of(file.splits, [](int split) { return split < kSplits; }),
          "a split is out of range");
    const auto bytes = read_array<std::uint8_t>(layout::kRecords, {count_, sizeof(Digest)});
    file.records.resize(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < file.records.size(); ++i) {
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * sizeof(Digest)), sizeof(Digest),
                  file.records[i].begin());
    }
  }

  [[nodiscard]] std::vector<std::string> read_texts(std::string_view name) const {
    std::vector<std::string> texts = reader_.read_strings(name);
    check(static_cast<std::int64_t>(texts.size()) == count_,
          concat(name, " have another number than the images"));
    check(std::ranges::all_of(texts, is_utf8), concat(name, " hold text that is not UTF-8"));
    return texts;
  }

  void read_names(PackedFile& file) const {
    file.ids = read_texts(layout::kIds);
    check(std::ranges::all_of(file.ids, is_plain_name), "an id is empty or not plain UTF-8 text");
    check(is_distinct(file.ids), "an id stands twice");
    file.classes = reader_.read_strings(layout::kClasses);
    check(!file.classes.empty() && std::ranges::all_of(file.classes, is_plain_name) &&
              is_distinct(file.classes),
          "the class names are missing, equal or not plain UTF-8 text");
    const auto class_count = static_cast<std::int64_t>(file.classes.size());
    for (const std::int32_t label : file.labels) {
      check(label >= 0 && label < class_count,
            concat("label ", label, " names none of ", class_count, " classes"));
    }
  }

  void read_columns(PackedFile& file) const {
    file.column_names.assign(layout::kOwnColumns.begin(), layout::kOwnColumns.end());
    file.columns = {read_texts(layout::kLesions), read_texts(layout::kPatients)};
    if (!reader_.contains(layout::kColumnNames)) return;
    const std::vector<std::string> names = reader_.read_strings(layout::kColumnNames);
    check(static_cast<std::int64_t>(names.size()) <= kMaxColumns, "there are too many columns");
    for (std::size_t i = 0; i < names.size(); ++i) {
      check(is_plain_name(names[i]), "a column name is empty or not plain UTF-8 text");
      file.column_names.push_back(names[i]);
      file.columns.push_back(read_texts(layout::column(i)));
    }
    check(is_distinct(file.column_names), "a column name stands twice");
  }

  void read_normalization(PackedFile& file) const {
    const std::vector<double> mean = reader_.doubles_attribute("/", "mean");
    const std::vector<double> deviation = reader_.doubles_attribute("/", "standard_deviation");
    const auto in_range = [](double value) { return value >= 0 && value <= 1; };  // false for NaN
    check(mean.size() == 3 && std::ranges::all_of(mean, in_range),
          "the mean is not three numbers in 0 ... 1");
    check(deviation.size() == 3 && std::ranges::all_of(deviation, in_range) &&
              std::ranges::all_of(deviation, [](double value) { return value >= 1e-6; }),
          "the standard deviation is not three numbers in 1e-6 ... 1");
    std::ranges::copy(mean, file.normalization.mean.begin());
    std::ranges::copy(deviation, file.normalization.standard_deviation.begin());
  }

  void read_digest(PackedFile& file) const {
    file.digest = merkle_root(file.records);
    check(reader_.text_attribute("/", "digest") == to_hex(file.digest),
          "the digest does not fit the records; the file was changed or damaged");
  }

  static bool is_distinct(std::vector<std::string> names) {
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) == names.end();
  }

  std::filesystem::path path_;
  store::ContainerReader reader_;
  std::int64_t count_ = 0;
};

}  // namespace

PackedFile open_packed(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw DataError(concat("open data set ", path.string(), ": it is a folder; pack it with 'cohort import ",
                           path.string(), " --out FILE.h5'"));
  }
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw DataError(
        concat("open data set ", path.string(), ": there is no such file; make one with 'cohort import'"));
  }
  PackedFile file;
  file.path = path;
  Opener(path).read(file);
  return file;
}

void verify_records(const PackedFile& file) {
  std::vector<std::string> changed;
  const auto image_bytes = static_cast<std::size_t>(file.shape.count());
  for (std::size_t i = 0; i < file.labels.size(); ++i) {
    const SampleFields fields{file.ids[i],        file.classes[static_cast<std::size_t>(file.labels[i])],
                              file.columns[0][i], file.columns[1][i],
                              file.shape.height,  file.shape.width};
    const Digest pixels = sha256(std::as_bytes(file.pixels.subspan(i * image_bytes, image_bytes)));
    if (sample_record(fields, pixels) != file.records[i]) changed.push_back(file.ids[i]);
  }
  if (changed.empty()) return;
  throw DataError(concat("verify data set ", file.path.string(), ": ", changed.size(),
                         " samples do not fit their records (", first_of(changed, 10),
                         "); the file was changed or damaged"));
}

}  // namespace cohort::data
