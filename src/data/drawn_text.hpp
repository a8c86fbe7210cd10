// From UTF-8 to what the drawing font has.
#pragma once

#include <string>
#include <string_view>

namespace cohort::data {

/// Stands for a letter that the font has nothing for.
inline constexpr char kEmptyBox = '\x7F';

/// Printable ASCII: Latin letters lose their marks, typographic signs become their plain forms, everything
/// else one kEmptyBox per letter, and per byte that is no UTF-8.
std::string drawn_text(std::string_view text);

}  // namespace cohort::data
