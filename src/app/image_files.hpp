// Which image files a list of files and folders means.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

namespace cohort::app {

/// Files as given; folders with all images below them (data::image_files_below). Throws DataError
/// listing everything that is missing, and folders without an image.
std::vector<std::filesystem::path> list_images(std::span<const std::filesystem::path> sources);

}  // namespace cohort::app
