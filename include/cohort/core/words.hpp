// Small words for people: numbers with their nouns, bars of progress.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cohort {

/// "1 rank", "2 ranks"; `plural` is for nouns that do not just take an s.
std::string counted(std::int64_t count, std::string_view noun, std::string_view plural = {});

/// "[=====>              ]  28%": how much of a whole is done, `width` characters between the brackets.
std::string progress_bar(double share, int width = 24);

}  // namespace cohort
