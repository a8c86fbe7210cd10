// Which files of a folder are pictures to classify.
#pragma once

#include <filesystem>
#include <vector>

namespace cohort::data {

/// Image files at any depth, by extension, in order of their names; follows links and enters no folder twice.
/// Leaves out what starts with a dot, folders named "masks", and pictures that ISIC puts beside an image,
/// named after it with "_segmentation" or "_superpixels" at the end. Throws DataError for a folder that
/// cannot be read.
std::vector<std::filesystem::path> image_files_below(const std::filesystem::path& folder);

}  // namespace cohort::data
