// HTML in pieces: what strangers wrote stays text, and every element that is opened is closed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cohort/core/digest.hpp"
#include "cohort/round/amount.hpp"

namespace cohort::report {

/// The text as it may stand between tags and in double quotes: markup characters as references, newlines and
/// tabs as blanks, what does not show as its number, as on the console (cohort/core/visible.hpp).
std::string escaped(std::string_view text);

/// `<name attributes>content</name>`; attributes and content are HTML already.
std::string element(std::string_view name, std::string_view attributes, std::string_view content);

/// Strangers' text, kept from turning the direction of what stands around it.
std::string foreign(std::string_view text);

/// Twelve digits to see, all of them on pointing at it; a dash for a digest of zeros.
std::string shortened(const Digest& digest);

/// Digits in groups of three, with narrow spaces that do not break.
std::string grouped(std::string digits);
/// Beyond 21 digits as 5.7896… × 10^76, with all of them on pointing at it.
std::string grouped(const round::Amount& amount);

/// "7/10" with the share beside it; a dash where there is no count.
std::string counted(std::int64_t correct, std::int64_t samples);
/// "66.3 %" with a space that does not break; a dash for nothing of nothing.
std::string percentage(std::int64_t part, std::int64_t whole);
/// The same of a share from 0 to 1.
std::string percentage(double share);

}  // namespace cohort::report
