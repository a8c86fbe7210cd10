// Text of unknown origin as it may be shown: names, paths and details of strangers must not steer a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cohort {

/// Bytes of a line that people are shown; what is longer is a flood, not a message.
inline constexpr std::size_t kLongestShownLine = 4096;

/// Whether the text is valid UTF-8 that shows all that it holds: no control characters, separators of lines,
/// or marks that change the direction of writing or show nothing. Letters of all scripts show.
bool is_plain_text(std::string_view text);

/// The text as valid UTF-8 in which nothing acts on a terminal: what is_plain_text refuses appears as its
/// number (\x1b, \u202e; beyond U+FFFF as JSON writes it, \udb40\udc41), but newlines, tabs and the marks
/// that join and part letters (U+200C, U+200D) stay. Lines of more than `longest` bytes are cut between two
/// characters and say so.
std::string visible(std::string_view text, std::size_t longest = std::string_view::npos);

/// The text as visible, on one line: newlines and tabs appear as numbers, too. For what stands inside a line,
/// so that no part of it can pass for a line or a column of its own.
std::string visible_word(std::string_view text);

/// The text as one message: visible, lines of at most about kLongestShownLine bytes, and every line but the
/// first begins with a space, so that no line of a stranger's text can pass for a message of its own.
std::string visible_message(std::string_view text);

}  // namespace cohort
