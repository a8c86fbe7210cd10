#include "data/image_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace cohort::data {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool has_at(Bytes file, std::size_t position, std::string_view text) {
  return position <= file.size() && file.size() - position >= text.size() &&
         std::equal(text.begin(), text.end(), file.begin() + static_cast<std::ptrdiff_t>(position),
                    [](char c, std::uint8_t byte) { return static_cast<std::uint8_t>(c) == byte; });
}

std::uint64_t big_endian(Bytes file, std::size_t position, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | file[position + i];
  return value;
}

std::uint64_t little_endian(Bytes file, std::size_t position, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i) value = value << 8 | file[position + i - 1];
  return value;
}

bool is_jpeg(Bytes file) {
  return has_at(file, 0, "\xFF\xD8\xFF");
}
bool is_png(Bytes file) {
  return has_at(file, 0, "\x89PNG\r\n\x1A\n");
}
/// The shortest BMP header: 14 bytes of the file, 12 of an OS/2 image.
constexpr std::size_t kBmpHeaderBytes = 14 + 12;

bool is_bmp(Bytes file) {
  return has_at(file, 0, "BM");
}
bool is_webp(Bytes file) {
  return has_at(file, 0, "RIFF") && has_at(file, 8, "WEBP");
}
bool is_tiff(Bytes file) {
  return has_at(file, 0, std::string_view("II*\0", 4)) || has_at(file, 0, std::string_view("MM\0*", 4));
}
bool is_pnm(Bytes file) {
  return file.size() > 2 && file[0] == 'P' && file[1] >= '1' && file[1] <= '6' && file[2] <= ' ';
}

/// A JPEG is a chain of segments; the entropy-coded data of a scan lasts until the next marker that is
/// neither a stuffed zero nor a restart.
class JpegWalk {
 public:
  explicit JpegWalk(Bytes file) : file_(file) {}

  /// Visits every segment until the end of image; false when the file stops before it.
  bool run() {
    while (next_marker()) {
      const std::uint8_t marker = file_[position_++];
      if (marker == kEndOfImage) return has_scan_;
      const bool has_no_length = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
      if (has_no_length) continue;
      if (file_.size() - position_ < 2) return false;
      const std::size_t length = big_endian(file_, position_, 2);
      if (length < 2 || length > file_.size() - position_) return false;
      if (is_frame(marker) && length >= 7) {
        size_ = ImageSize{big_endian(file_, position_ + 5, 2), big_endian(file_, position_ + 3, 2)};
      }
      position_ += length;
      if (marker == kStartOfScan) {
        has_scan_ = true;
        skip_entropy_coded_data();
      }
    }
    return false;
  }

  [[nodiscard]] std::optional<ImageSize> size() const { return size_; }

 private:
  static constexpr std::uint8_t kEndOfImage = 0xD9, kStartOfScan = 0xDA;

  static bool is_frame(std::uint8_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }
  /// Moves to the byte that names the next marker (after its 0xFF, of which there may be several).
  bool next_marker() {
    while (position_ < file_.size() && file_[position_] != 0xFF) ++position_;
    while (position_ < file_.size() && file_[position_] == 0xFF) ++position_;
    return position_ < file_.size();
  }
  void skip_entropy_coded_data() {
    while (position_ + 1 < file_.size()) {
      const std::uint8_t next = file_[position_ + 1];
      const bool is_data = file_[position_] != 0xFF || next == 0x00 || (next >= 0xD0 && next <= 0xD7);
      if (!is_data) return;
      ++position_;
    }
    position_ = file_.size();
  }

  Bytes file_;
  std::size_t position_ = 2;
  bool has_scan_ = false;
  std::optional<ImageSize> size_;
};

/// Chunks (length, name, data, checksum) up to IEND.
bool is_whole_png(Bytes file) {
  std::size_t position = 8;
  while (file.size() - position >= 12) {
    const std::uint64_t length = big_endian(file, position, 4);
    if (length > file.size() - position - 12) return false;
    if (has_at(file, position + 4, "IEND")) return true;
    position += 12 + static_cast<std::size_t>(length);
  }
  return false;
}

/// Where the pixels of a binary PNM (P5, P6) begin, and how many bytes they take.
struct PnmLayout {
  ImageSize size;
  std::uint64_t header_bytes = 0, pixel_bytes = 0;
};

/// Nothing for the text forms and for headers that no decoder would take either.
std::optional<PnmLayout> read_pnm_header(Bytes file) {
  if (file[1] != '5' && file[1] != '6') return std::nullopt;
  std::array<std::uint64_t, 3> numbers{};  // width, height, largest value
  std::size_t position = 2;
  for (std::uint64_t& number : numbers) {
    while (position < file.size() && (file[position] <= ' ' || file[position] == '#')) {
      const bool is_comment = file[position] == '#';
      while (is_comment && position < file.size() && file[position] != '\n') ++position;
      if (!is_comment) ++position;
    }
    const std::size_t start = position;
    for (; position < file.size() && file[position] >= '0' && file[position] <= '9'; ++position) {
      number = number * 10 + (file[position] - '0');
      if (number > 1'000'000'000) return std::nullopt;
    }
    if (position == start) return std::nullopt;
  }
  const std::uint64_t bytes_per_pixel = (file[1] == '6' ? 3U : 1U) * (numbers[2] > 255 ? 2U : 1U);
  return PnmLayout{{numbers[0], numbers[1]}, position + 1, numbers[0] * numbers[1] * bytes_per_pixel};
}

bool is_whole_pnm(Bytes file) {
  const auto layout = read_pnm_header(file);
  return !layout ||
         (file.size() >= layout->header_bytes && file.size() - layout->header_bytes >= layout->pixel_bytes);
}

/// The header says how long the whole file is.
bool is_whole_bmp(Bytes file) {
  return file.size() >= kBmpHeaderBytes && little_endian(file, 2, 4) <= file.size();
}

/// The first bytes as a person would read them, for "not an image (starts with …)".
std::string beginning(Bytes file) {
  std::string text;
  for (const std::uint8_t byte : file.first(std::min<std::size_t>(file.size(), 12))) {
    text += byte >= ' ' && byte < 0x7F ? static_cast<char>(byte) : '.';
  }
  return text;
}

}  // namespace

std::optional<std::string> find_damage(Bytes file) {
  if (file.empty()) return "empty";
  if (is_jpeg(file)) {
    if (!JpegWalk(file).run()) return "truncated (a JPEG without its end)";
  } else if (is_png(file)) {
    if (!is_whole_png(file)) return "truncated (a PNG without its end)";
  } else if (is_bmp(file)) {
    if (!is_whole_bmp(file)) return "truncated (a BMP shorter than it says)";
  } else if (is_webp(file)) {
    if (little_endian(file, 4, 4) > file.size() - 8) return "truncated (a WebP shorter than it says)";
  } else if (is_pnm(file)) {
    if (!is_whole_pnm(file)) return "truncated (a PNM shorter than it says)";
  } else if (!is_tiff(file)) {
    return "not an image (starts with '" + beginning(file) + "')";
  }
  return std::nullopt;
}

std::optional<ImageSize> declared_size(Bytes file) {
  if (is_jpeg(file)) {
    JpegWalk walk(file);
    walk.run();
    return walk.size();
  }
  if (is_png(file) && file.size() >= 24) return ImageSize{big_endian(file, 16, 4), big_endian(file, 20, 4)};
  if (is_pnm(file)) {
    const auto layout = read_pnm_header(file);
    return layout ? std::optional(layout->size) : std::nullopt;
  }
  if (is_bmp(file) && file.size() >= kBmpHeaderBytes) {
    const bool is_old = little_endian(file, 14, 4) == 12;  // OS/2: 16-bit sizes
    if (is_old) return ImageSize{little_endian(file, 18, 2), little_endian(file, 20, 2)};
    const std::uint64_t height = little_endian(file, 22, 4);
    const bool is_top_down = height >= std::uint64_t{1} << 31;
    return ImageSize{little_endian(file, 18, 4), is_top_down ? (std::uint64_t{1} << 32) - height : height};
  }
  return std::nullopt;
}

}  // namespace cohort::data
