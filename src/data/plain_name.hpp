// Is a text fit to be a name in our files?
#pragma once

#include <string_view>

namespace cohort::data {

/// Not empty, UTF-8 and without control characters: fit to be an id, a class or a column.
bool is_plain_name(std::string_view text);

}  // namespace cohort::data
