// What an import takes over from another packed file, so that one model serves both.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohort/data/dataset.hpp"
#include "cohort/data/manifest.hpp"

namespace cohort::data {

/// Size in pixels, classes in their order, and how pixels are normalised.
struct AdoptedForm {
  int size = 0;
  std::vector<std::string> classes;
  Normalization normalization;
  std::string digest;  ///< hex, of the data set that it comes from
};

/// Throws DataError for what is no packed file, or has images that are not square.
AdoptedForm form_of(const std::filesystem::path& packed);

/// Throws DataError with all classes of the source that the form does not have.
void refuse_other_classes(const Manifest& manifest, const AdoptedForm& form);

/// Gives the samples the labels of the form, which may have classes without a sample here. Requires no other
/// classes than the form's.
void adopt_classes(Manifest& manifest, const AdoptedForm& form);

}  // namespace cohort::data
