// How pages look: on wide screens and narrow ones, light and dark, and on paper.
#pragma once

#include <string_view>

namespace cohort::report {

/// CSS that asks for nothing from elsewhere.
std::string_view page_style();

}  // namespace cohort::report
