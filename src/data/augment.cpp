#include "cohort/data/augment.hpp"

#include <array>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {
namespace {

/// Weights of red, green and blue in a pixel's grey value (ITU-R BT.601), in thousandths.
constexpr std::array<std::uint64_t, 3> kGreyThousandths{299, 587, 114};

/// One draw's random words, always all taken in this order, so that switching an option on or off never
/// changes what the others do.
struct Words {
  std::uint32_t geometry, vertical, horizontal, brightness, contrast, colour;

  static Words of(std::uint64_t seed, std::int64_t draw) {
    RandomSequence random(seed, Stream::augmentation, static_cast<std::uint64_t>(draw));
    Words words{};
    for (std::uint32_t* word : {&words.geometry, &words.vertical, &words.horizontal, &words.brightness,
                                &words.contrast, &words.colour}) {
      *word = random.next_u32();
    }
    return words;
  }
};

/// Integer in [-limit, limit].
int offset_of(std::uint32_t word, int limit) {
  const auto choices = static_cast<std::uint64_t>(2 * std::int64_t{limit} + 1);
  return static_cast<int>(word * choices >> 32) - limit;
}

/// Factor in [1 - range, 1 + range).
float factor_of(std::uint32_t word, double range) {
  return static_cast<float>((1 - range) + 2 * range * (word * 0x1p-32));
}

/// Index in [0, size) under edges that mirror, the edge pixel included: … 1 0 | 0 1 … n-1 | n-1 n-2 …
int reflect(int index, int size) {
  const int period = 2 * size;
  const int wrapped = (index % period + period) % period;
  return wrapped < size ? wrapped : period - 1 - wrapped;
}

/// Where each destination pixel's bytes come from: turned, then flipped, then shifted.
class Geometry {
 public:
  Geometry(Shape shape, const AugmentOptions& options, const Words& words)
      : height_(shape.height),
        width_(shape.width),
        down_(offset_of(words.vertical, options.shift)),
        right_(offset_of(words.horizontal, options.shift)) {
    flips_horizontally_ = options.flip && (words.geometry & 1) != 0;
    flips_vertically_ = options.flip && (words.geometry & 2) != 0;
    const bool may_turn = options.quarter_turns && height_ == width_;
    quarter_turns_ = may_turn ? (words.geometry >> 2) & 3 : 0;
  }

  /// Pixel number in the source.
  [[nodiscard]] std::size_t source(int y, int x) const {
    y = reflect(y - down_, height_);
    x = reflect(x - right_, width_);
    if (flips_vertically_) y = height_ - 1 - y;
    if (flips_horizontally_) x = width_ - 1 - x;
    for (std::uint32_t turn = 0; turn < quarter_turns_; ++turn) {  // undo one counter-clockwise quarter turn
      const int turned_y = x;
      x = width_ - 1 - y;
      y = turned_y;
    }
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

 private:
  int height_, width_, down_, right_;
  std::uint32_t quarter_turns_ = 0;
  bool flips_horizontally_ = false, flips_vertically_ = false;
};

/// (value / 255 - mean) / standard deviation for one channel, in floats.
float normalized(float value, float mean, float standard_deviation) {
  return (value / 255.0F - mean) / standard_deviation;
}

using Channels = std::array<float, 3>;

Channels to_floats(const std::array<double, 3>& values) {
  return {static_cast<float>(values[0]), static_cast<float>(values[1]), static_cast<float>(values[2])};
}

/// The normalised value of every byte, one table for each channel.
std::array<std::array<float, 256>, 3> normalized_bytes(const Normalization& normalization) {
  const Channels mean = to_floats(normalization.mean);
  const Channels deviation = to_floats(normalization.standard_deviation);
  std::array<std::array<float, 256>, 3> table{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t value = 0; value < 256; ++value) {
      table[channel][value] = normalized(static_cast<float>(value), mean[channel], deviation[channel]);
    }
  }
  return table;
}

/// Mean grey value of the image: an exact integer sum, one division.
float grey_mean(std::span<const std::uint8_t> pixels) {
  std::array<std::uint64_t, 3> sums{};
  for (std::size_t i = 0; i < pixels.size(); ++i) sums[i % 3] += pixels[i];
  std::uint64_t thousandths = 0;
  for (std::size_t channel = 0; channel < 3; ++channel)
    thousandths += kGreyThousandths[channel] * sums[channel];
  const auto pixel_count = static_cast<double>(pixels.size() / 3);
  return static_cast<float>(static_cast<double>(thousandths) / (1000.0 * pixel_count));
}

float clamp_to_byte_range(float value) {
  const float above = value < 0.0F ? 0.0F : value;
  return above > 255.0F ? 255.0F : above;
}

/// Brightness, contrast and colour of one pixel; a step whose option is 0 is left out, not multiplied by one.
class ColourChange {
 public:
  ColourChange(std::span<const std::uint8_t> pixels, const AugmentOptions& options, const Words& words)
      : has_brightness_(options.brightness > 0),
        has_contrast_(options.contrast > 0),
        has_colour_(options.colour > 0) {
    brightness_ = factor_of(words.brightness, options.brightness);
    contrast_ = factor_of(words.contrast, options.contrast);
    colour_ = factor_of(words.colour, options.colour);
    if (has_contrast_) centre_ = has_brightness_ ? grey_mean(pixels) * brightness_ : grey_mean(pixels);
  }

  [[nodiscard]] bool is_none() const { return !has_brightness_ && !has_contrast_ && !has_colour_; }

  [[nodiscard]] Channels apply(const std::uint8_t* pixel) const {
    Channels values{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
    if (has_brightness_) {
      for (float& value : values) value = value * brightness_;
    }
    if (has_contrast_) {
      for (float& value : values) value = (value - centre_) * contrast_ + centre_;
    }
    if (has_colour_) {
      const float grey = (values[0] * 0.299F + values[1] * 0.587F) + values[2] * 0.114F;
      for (float& value : values) value = (value - grey) * colour_ + grey;
    }
    for (float& value : values) value = clamp_to_byte_range(value);
    return values;
  }

 private:
  bool has_brightness_, has_contrast_, has_colour_;
  float brightness_ = 1, contrast_ = 1, colour_ = 1, centre_ = 0;
};

void check_sizes(std::span<const std::uint8_t> pixels, Shape shape, std::span<const float> out) {
  require(shape.channels == 3 && shape.height > 0 && shape.width > 0, "prepare: images have three channels");
  const auto count = static_cast<std::size_t>(shape.count());
  require(pixels.size() == count && out.size() == count, "prepare: buffers must hold one image");
}

}  // namespace

void check_options(const AugmentOptions& options) {
  std::string problems;
  if (options.shift < 0 || options.shift > kMaxShift) {
    problems += concat(" shift is ", options.shift, ", must lie in 0 ... ", kMaxShift, ";");
  }
  const auto check_range = [&](const char* name, double value) {
    if (!(value >= 0 && value <= 1)) problems += concat(" ", name, " is ", value, ", must lie in 0 ... 1;");
  };
  check_range("brightness", options.brightness);
  check_range("contrast", options.contrast);
  check_range("colour", options.colour);
  if (problems.empty()) return;
  problems.pop_back();
  throw UsageError("augmentation:" + problems);
}

void prepare_training(std::span<const std::uint8_t> pixels, Shape shape, const Normalization& normalization,
                      const AugmentOptions& options, std::uint64_t seed, std::int64_t draw,
                      std::span<float> out) {
  check_sizes(pixels, shape, out);
  require(draw >= 0 && options.shift >= 0, "prepare_training: draw and shift must not be negative");
  const Words words = Words::of(seed, draw);
  const Geometry geometry(shape, options, words);
  const ColourChange colour_change(pixels, options, words);
  const auto table = normalized_bytes(normalization);
  const Channels mean = to_floats(normalization.mean);
  const Channels deviation = to_floats(normalization.standard_deviation);
  float* destination = out.data();
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x, destination += 3) {
      const std::uint8_t* pixel = &pixels[3 * geometry.source(y, x)];
      if (colour_change.is_none()) {
        for (std::size_t channel = 0; channel < 3; ++channel)
          destination[channel] = table[channel][pixel[channel]];
        continue;
      }
      const Channels values = colour_change.apply(pixel);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        destination[channel] = normalized(values[channel], mean[channel], deviation[channel]);
      }
    }
  }
}

void prepare_plain(std::span<const std::uint8_t> pixels, Shape shape, const Normalization& normalization,
                   std::span<float> out) {
  check_sizes(pixels, shape, out);
  const auto table = normalized_bytes(normalization);
  for (std::size_t i = 0; i < pixels.size(); ++i) out[i] = table[i % 3][pixels[i]];
}

}  // namespace cohort::data
