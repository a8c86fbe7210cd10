#include "drawn_names.hpp"

#include "cohort/core/text.hpp"
#include "cohort/data/canvas.hpp"

namespace cohort::app {

std::vector<std::string> drawn_names(const std::vector<std::string>& classes) {
  std::vector<std::string> names;
  for (const std::string& name : classes)
    names.push_back(data::is_drawable(name) ? name : concat("class ", names.size()));
  return names;
}

}  // namespace cohort::app
