#include "cohort/data/image.hpp"

#include <gtest/gtest.h>

#include <array>

#include "unit/data/image_samples.hpp"
#include "unit/data/support.hpp"

namespace cohort::data {
namespace {

using testing::contains;
using testing::from_hex;

Image read(std::string_view bytes, std::string_view name = "x.jpg") {
  const testing::TemporaryFolder folder;
  return read_image(testing::write_file(folder / name, bytes));
}

std::string refusal(std::string_view bytes) {
  return testing::message_of<DataError>([&] { read(bytes); });
}

/// Largest difference from red 18 x, green 25 y, blue 255 - 9 x - 9 y.
int worst_difference(const Image& image) {
  int worst = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::uint8_t* pixel = &image.rgb[static_cast<std::size_t>(y * image.width + x) * 3];
      const std::array<int, 3> expected{18 * x, 25 * y, 255 - 9 * x - 9 * y};
      for (std::size_t c = 0; c < 3; ++c) worst = std::max(worst, std::abs(pixel[c] - expected[c]));
    }
  }
  return worst;
}

TEST(ReadImage, DecodesEveryFormatToRgb) {
  for (const std::string_view lossless : {samples::kPngWithAlpha, samples::kWebP, samples::kTiff}) {
    const Image image = read(from_hex(lossless));
    EXPECT_EQ(image.width, 14);
    EXPECT_EQ(image.height, 10);
    EXPECT_EQ(worst_difference(image), 0);
  }
  EXPECT_LE(worst_difference(read(from_hex(samples::kJpeg))), 12);
  EXPECT_LE(worst_difference(read(from_hex(samples::kProgressiveJpeg))), 70);
  const Image pnm = read(testing::ppm(2, 1, 3));
  EXPECT_EQ(pnm.rgb, (std::vector<std::uint8_t>{21, 39, 87, 24, 39, 87}));
}

TEST(ReadImage, MakesGreyThreeEqualChannels) {
  const Image image = read(from_hex(samples::kGreyJpeg));
  ASSERT_EQ(image.rgb.size(), 14U * 10 * 3);
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    EXPECT_EQ(image.rgb[i], image.rgb[i + 1]);
    EXPECT_EQ(image.rgb[i], image.rgb[i + 2]);
  }
}

TEST(ReadImage, GoesByContentNotByName) {
  EXPECT_EQ(read(from_hex(samples::kPngWithAlpha), "really.jpg").width, 14);
}

/// A 24-bit BMP of one colour.
std::string bmp(int width, int height) {
  const int row_bytes = (3 * width + 3) / 4 * 4;
  std::string text = "BM";
  const auto add = [&](int value, int bytes) {
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 255);
  };
  for (const int value : {54 + row_bytes * height, 0, 54, 40, width, height}) add(value, 4);
  add(1, 2);
  add(24, 2);
  for (const int value : {0, row_bytes * height, 2835, 2835, 0, 0}) add(value, 4);
  return text + std::string(static_cast<std::size_t>(row_bytes * height), '\x50');
}

TEST(ReadImage, RefusesEveryTruncation) {
  const testing::TemporaryFolder folder;
  for (const std::string& whole :
       {from_hex(samples::kJpeg), from_hex(samples::kProgressiveJpeg), from_hex(samples::kGreyJpeg),
        from_hex(samples::kPngWithAlpha), from_hex(samples::kWebP), from_hex(samples::kTiff),
        testing::ppm(14, 10, 1), bmp(14, 10)}) {
    EXPECT_EQ(read(whole).width, 14);
    // The last byte may be padding that no decoder needs (WebP); all others must be missed. Every third is
    // tried.
    for (std::size_t missing = 2; missing <= whole.size(); missing += 3) {
      testing::write_file(folder / "x.jpg", std::string_view(whole).substr(0, whole.size() - missing));
      EXPECT_THROW(read_image(folder / "x.jpg"), DataError)
          << missing << " of " << whole.size() << " missing";
    }
  }
}

TEST(ReadImage, SaysWhatIsWrong) {
  EXPECT_TRUE(contains(refusal(""), "x.jpg: empty"));
  EXPECT_TRUE(contains(refusal("these are notes"), "not an image (starts with 'these are no')"));
  const std::string jpeg = from_hex(samples::kJpeg);
  EXPECT_TRUE(contains(refusal(jpeg.substr(0, jpeg.size() / 2)), "truncated (a JPEG without its end)"));
  const auto missing = testing::message_of<DataError>([] { read_image("no/such.jpg"); });
  EXPECT_TRUE(contains(missing, "no/such.jpg: there is no such file"));
}

TEST(ReadImage, RefusesHugePicturesBeforeDecoding) {
  std::string png = from_hex(samples::kPngWithAlpha);
  png.replace(16, 8, std::string_view("\x00\x01\x00\x00\x00\x01\x00\x00", 8));  // 65536 x 65536
  EXPECT_TRUE(contains(refusal(png), "larger than 200 megapixels (65536 x 65536)"));
}

TEST(ReadImage, TakesTheShortestBmpHeaderForWhole) {
  // 14 bytes of the file, 12 of an OS/2 image of 65535 x 65535.
  const std::string header(
      "BM\x1A\0\0\0\0\0\0\0\x1A\0\0\0"
      "\x0C\0\0\0\xFF\xFF\xFF\xFF\x01\0\x18\0",
      26);
  EXPECT_TRUE(contains(refusal(header), "larger than 200 megapixels (65535 x 65535)"));
  EXPECT_TRUE(contains(refusal(header.substr(0, 25)), "truncated"));
}

TEST(ReadImage, IsNotFooledByAThumbnailsEnd) {
  // A segment that holds a whole JPEG of its own, in a file cut after it.
  const std::string jpeg = from_hex(samples::kJpeg);
  std::string cut = jpeg.substr(0, 2) + "\xFF\xE1";
  cut += static_cast<char>((jpeg.size() + 2) >> 8);
  cut += static_cast<char>((jpeg.size() + 2) & 255);
  cut += jpeg;
  EXPECT_TRUE(contains(refusal(cut), "truncated"));
  EXPECT_EQ(read(cut + jpeg.substr(2)).width, 14);
}

Image filled(int width, int height, const std::function<int(int, int)>& value) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) image.rgb.push_back(static_cast<std::uint8_t>(value(x, y) + c));
    }
  }
  return image;
}

std::vector<int> reds(const Image& image) {
  std::vector<int> values;
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

TEST(Square, CutsTheCentre) {
  const auto value = [](int x, int y) { return 10 * y + x; };
  EXPECT_EQ(reds(square(filled(5, 2, value), 2)), (std::vector<int>{1, 2, 11, 12}));
  EXPECT_EQ(reds(square(filled(2, 6, value), 2)), (std::vector<int>{20, 21, 30, 31}));
  EXPECT_EQ(square(filled(3, 3, value), 3).rgb, filled(3, 3, value).rgb);
}

TEST(Square, AveragesAreasWhenShrinking) {
  const Image image = filled(4, 4, [](int x, int y) { return 16 * y + 4 * x; });
  EXPECT_EQ(reds(square(image, 2)), (std::vector<int>{10, 18, 42, 50}));
  EXPECT_EQ(reds(square(image, 1)), (std::vector<int>{30}));
  // Three cells into two: the middle one counts half in each.
  const Image three = filled(3, 3, [](int x, int) { return x == 0 ? 30 : x == 1 ? 60 : 120; });
  EXPECT_EQ(reds(square(three, 2)), (std::vector<int>{40, 100, 40, 100}));
  EXPECT_EQ(reds(square(filled(2, 2, [](int x, int) { return x; }), 1)), (std::vector<int>{1}))
      << "half rounds up";
}

TEST(Square, InterpolatesWhenEnlarging) {
  const Image image = filled(2, 2, [](int x, int) { return 100 * x; });
  // Centres at -1/4, 1/4, 3/4, 5/4, clamped to 0 … 1.
  EXPECT_EQ(reds(square(image, 4)),
            (std::vector<int>{0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100}));
  EXPECT_EQ(reds(square(filled(1, 1, [](int, int) { return 7; }), 3)), std::vector<int>(9, 7));
}

TEST(Square, KeepsAPlainColour) {
  const Image image = filled(37, 53, [](int, int) { return 201; });
  for (const int size : {1, 2, 17, 36, 37, 38, 64, 100}) {
    const Image out = square(image, size);
    EXPECT_EQ(out.width, size);
    EXPECT_EQ(reds(out), std::vector<int>(static_cast<std::size_t>(size * size), 201));
  }
}

}  // namespace
}  // namespace cohort::data
