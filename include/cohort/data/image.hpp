// One decoded image, and how it becomes the square that networks see.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace cohort::data {

/// Eight bits a channel, three channels.
struct Image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;  ///< interleaved rows
};

/// Decodes JPEG, PNG, BMP, TIFF, PPM, WebP; grey becomes RGB, alpha is dropped, EXIF orientation is not
/// applied. Throws DataError naming the file: unreadable, truncated, or larger than 200 megapixels.
Image read_image(const std::filesystem::path& path);

/// Centre square, then area resampling to size x size (bilinear when enlarging), in integer arithmetic: equal
/// on every machine.
Image square(const Image& image, int size);

}  // namespace cohort::data
