// Is a text fit for our files and screens?
#pragma once

#include <string_view>

namespace cohort::data {

/// Well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

/// Not empty, UTF-8 and without control characters: fit to be an id or a class name.
bool is_plain_name(std::string_view text);

}  // namespace cohort::data
