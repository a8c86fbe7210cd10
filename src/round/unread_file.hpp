// A run's own file that could not be read: damage and a machine's passing trouble ask for different things.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// `detail` as the reader says it; `advice` says what to do about a file that is damaged.
///
/// Throws  Error that asks to try again when this machine could not read what may well be sound
///         (Verdict::transient); CheckpointError with the advice when the file is gone or another verdict
///         says that it is damaged.
[[noreturn]] void refuse_unread(const std::filesystem::path& path, Verdict verdict, const std::string& detail,
                                std::string_view advice = "");

/// Why the system lets nobody here read a file, and what to do, for the end of a message: " (FILE: Permission
/// denied; ...)". " (FILE)" where it gives no reason.
std::string why_unread(const std::filesystem::path& path);

}  // namespace cohort::round
