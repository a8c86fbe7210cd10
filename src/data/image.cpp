#include "cohort/data/image.hpp"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "data/image_file.hpp"

namespace cohort::data {
namespace {

constexpr std::uint64_t kMaxPixels = 200'000'000;
// 200 megapixels without compression take less.
constexpr std::size_t kMostFileBytes = std::size_t{1} << 30;

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& problem) {
  throw DataError(concat("read image ", path.string(), ": ", problem));
}

void check_size(const std::filesystem::path& path, const ImageSize& size) {
  if (size.width != 0 && size.height > kMaxPixels / size.width) {
    refuse(path, concat("larger than 200 megapixels (", size.width, " x ", size.height, ")"));
  }
}

cv::Mat decode(const std::string& bytes) {
  const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<char*>(bytes.data()));
  try {
    return cv::imdecode(encoded, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
  } catch (const cv::Exception&) {
    return {};
  }
}

using Count = std::uint64_t;

/// What one destination cell takes from a run of source cells.
struct Taps {
  std::size_t first = 0;
  std::vector<Count> weights;
};

/// Cell i of `to` covers [i, i+1) * from/to; in units of 1/to a source cell is `to` long, so all weights are
/// integers and those of one cell sum to `from`.
std::vector<Taps> area_taps(Count from, Count to) {
  std::vector<Taps> taps(to);
  for (Count i = 0; i < to; ++i) {
    const Count begin = i * from, end = (i + 1) * from;
    taps[i].first = begin / to;
    for (Count j = begin / to; j * to < end; ++j) {
      taps[i].weights.push_back(std::min((j + 1) * to, end) - std::max(j * to, begin));
    }
  }
  return taps;
}

/// Two neighbours about the cell's centre ((2i + 1) * from - to) / (2 * to), clamped at the edges; weights
/// sum to 2 * to.
std::vector<Taps> linear_taps(Count from, Count to) {
  std::vector<Taps> taps(to);
  for (Count i = 0; i < to; ++i) {
    const Count centre = std::max((2 * i + 1) * from, to) - to;
    const Count first = centre / (2 * to), remainder = centre % (2 * to);
    const bool is_last = first + 1 >= from;
    taps[i].first = first;
    taps[i].weights =
        is_last ? std::vector<Count>{2 * to} : std::vector<Count>{2 * to - remainder, remainder};
  }
  return taps;
}

/// Applies the same taps to columns, then to rows, of the square that starts at (top, left); rounds half up,
/// once.
std::vector<std::uint8_t> resample(const Image& image, std::size_t top, std::size_t left, Count side,
                                   const std::vector<Taps>& taps, Count weight_sum) {
  const std::size_t size = taps.size();
  std::vector<Count> narrowed(static_cast<std::size_t>(side) * size * 3);
  for (std::size_t y = 0; y < side; ++y) {
    const std::uint8_t* row = &image.rgb[3 * ((top + y) * static_cast<std::size_t>(image.width) + left)];
    for (std::size_t x = 0; x < size; ++x) {
      Count* sum = &narrowed[3 * (y * size + x)];
      for (std::size_t k = 0; k < taps[x].weights.size(); ++k) {
        const std::uint8_t* pixel = row + 3 * (taps[x].first + k);
        for (int channel = 0; channel < 3; ++channel) sum[channel] += taps[x].weights[k] * pixel[channel];
      }
    }
  }
  const Count divisor = weight_sum * weight_sum;
  std::vector<std::uint8_t> rgb(size * size * 3);
  for (std::size_t y = 0; y < size; ++y) {
    for (std::size_t i = 0; i < 3 * size; ++i) {
      Count sum = divisor / 2;
      for (std::size_t k = 0; k < taps[y].weights.size(); ++k) {
        sum += taps[y].weights[k] * narrowed[3 * size * (taps[y].first + k) + i];
      }
      rgb[y * 3 * size + i] = static_cast<std::uint8_t>(sum / divisor);
    }
  }
  return rgb;
}

}  // namespace

Image read_image(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) refuse(path, "there is no such file");
  const std::string bytes = store::read_text(path, kMostFileBytes);
  const std::span file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (const auto damage = find_damage(file)) refuse(path, *damage);
  if (const auto size = declared_size(file)) check_size(path, *size);

  const cv::Mat decoded = decode(bytes);
  if (decoded.empty() || decoded.type() != CV_8UC3) refuse(path, "cannot be decoded (damaged or truncated)");
  check_size(path, {static_cast<std::uint64_t>(decoded.cols), static_cast<std::uint64_t>(decoded.rows)});
  Image image{decoded.cols, decoded.rows, {}};
  image.rgb.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  std::uint8_t* out = image.rgb.data();
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* row = decoded.ptr(y);
    for (int x = 0; x < image.width; ++x, row += 3, out += 3) std::reverse_copy(row, row + 3, out);  // BGR
  }
  return image;
}

Image square(const Image& image, int size) {
  require(size > 0 && image.width > 0 && image.height > 0, "square: sizes must be positive");
  const int side = std::min(image.width, image.height);
  const auto top = static_cast<std::size_t>((image.height - side) / 2);
  const auto left = static_cast<std::size_t>((image.width - side) / 2);
  const auto from = static_cast<Count>(side), to = static_cast<Count>(size);
  const bool shrinks = size <= side;
  return {size, size,
          resample(image, top, left, from, shrinks ? area_taps(from, to) : linear_taps(from, to),
                   shrinks ? from : 2 * to)};
}

}  // namespace cohort::data
