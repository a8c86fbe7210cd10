#include "data/png.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {

std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> pixels, int width, int height,
                                     int channels) {
  require(width > 0 && height > 0 && (channels == 1 || channels == 3), "encode_png: a picture has pixels");
  require(pixels.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                               static_cast<std::size_t>(channels),
          "encode_png: pixels fill the picture");
  cv::Mat picture(height, width, channels == 3 ? CV_8UC3 : CV_8UC1);
  for (int row = 0; row < height; ++row) {
    const std::uint8_t* from =
        pixels.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(width * channels);
    std::uint8_t* to = picture.ptr(row);
    if (channels == 1) {
      std::memcpy(to, from, static_cast<std::size_t>(width));
      continue;
    }
    for (int i = 0; i < 3 * width; i += 3) {  // OpenCV keeps blue first
      to[i] = from[i + 2];
      to[i + 1] = from[i + 1];
      to[i + 2] = from[i];
    }
  }
  std::vector<std::uint8_t> bytes;
  try {
    if (cv::imencode(".png", picture, bytes, {cv::IMWRITE_PNG_COMPRESSION, 4}) && !bytes.empty())
      return bytes;
  } catch (const cv::Exception& problem) {
    throw Error(concat("encode a picture of ", width, " x ", height, " as PNG: ", problem.what()));
  }
  throw Error(concat("encode a picture of ", width, " x ", height, " as PNG: the encoder gave nothing"));
}

void write_bytes(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file)
    throw Error(concat("write ", path.string(), ": ",
                       errno != 0 ? std::strerror(errno) : "the file system refused it",
                       "; check that the folder exists and the disk has room"));
}

}  // namespace cohort::data
