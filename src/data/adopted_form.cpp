#include "data/adopted_form.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {

AdoptedForm form_of(const std::filesystem::path& packed) {
  const Dataset dataset = Dataset::open(packed, true);
  const Shape image = dataset.image_shape();
  if (image.height != image.width)
    throw DataError(concat("import: ", packed.string(), ": its images are not square"));
  return {image.height, dataset.classes(), dataset.normalization(), to_hex(dataset.digest())};
}

void refuse_other_classes(const Manifest& manifest, const AdoptedForm& form) {
  std::vector<std::string> unknown;
  for (const std::string& name : manifest.classes)
    if (std::ranges::find(form.classes, name) == form.classes.end()) unknown.push_back(name);
  if (!unknown.empty())
    throw DataError(concat("import: the file to be like has no class ", joined(unknown, ", "), "; it has ",
                           joined(form.classes, ", "), "; choose classes with --classes, or rename them"));
}

void adopt_classes(Manifest& manifest, const AdoptedForm& form) {
  std::vector<int> labels;
  for (const std::string& name : manifest.classes)
    labels.push_back(static_cast<int>(std::ranges::find(form.classes, name) - form.classes.begin()));
  for (Sample& sample : manifest.samples) sample.label = labels.at(static_cast<std::size_t>(sample.label));
  manifest.classes = form.classes;
  manifest.class_words.clear();
}

}  // namespace cohort::data
