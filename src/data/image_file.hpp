// What an image file says of itself before any decoder sees it. Decoders fill what is missing with grey and
// say nothing, so the ends of files are looked for here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace cohort::data {

struct ImageSize {
  std::uint64_t width = 0, height = 0;
};

/// Nothing when the file starts and ends as its format wants it, otherwise what is wrong with it: "empty",
/// "not an image (…)", "truncated (…)". Formats: JPEG, PNG, BMP, TIFF, PNM, WebP.
std::optional<std::string> find_damage(std::span<const std::uint8_t> file);

/// Width and height from the header of a JPEG, PNG, BMP or binary PNM; nothing for other formats, whose own
/// limits are small.
std::optional<ImageSize> declared_size(std::span<const std::uint8_t> file);

}  // namespace cohort::data
