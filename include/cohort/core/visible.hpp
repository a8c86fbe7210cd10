// Text of unknown origin as it may be shown: names, paths and details of strangers must not steer a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cohort {

/// Bytes of a line that people are shown; what is longer is a flood, not a message.
inline constexpr std::size_t kLongestShownLine = 4096;

/// The text as valid UTF-8 in which nothing acts on a terminal: control characters, separators of lines,
/// marks that change the direction of writing or show nothing, and bytes that are no UTF-8 appear as their
/// numbers
/// (\x1b, \u202e); newlines and tabs stay. Lines of more than `longest` bytes are cut between two characters
/// and say so.
std::string visible(std::string_view text, std::size_t longest = std::string_view::npos);

/// The text as one message: visible, lines of at most about kLongestShownLine bytes, and every line but the
/// first begins with a space, so that no line of a stranger's text can pass for a message of its own.
std::string visible_message(std::string_view text);

}  // namespace cohort
