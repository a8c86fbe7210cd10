// Lossless pictures to disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace cohort::data {

/// Encodes interleaved RGB (channels = 3) or grey (channels = 1) rows as PNG. Throws Error when that fails.
std::vector<std::uint8_t> encode_png(std::span<const std::uint8_t> pixels, int width, int height,
                                     int channels);

/// Writes bytes to a file, plainly: for files that mean something only once an index file lists them.
/// Throws Error naming the path.
void write_bytes(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);

}  // namespace cohort::data
