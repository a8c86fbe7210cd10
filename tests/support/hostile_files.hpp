// Files that an attacker would hand in, each one change away from a good one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohort/store/hostile_reader.hpp"

namespace cohort::store {

/// What the files are asked to hold: header (u8, 1 to 16), p/w (f32, 2x3), p/s/v (f32, 2).
std::vector<ExpectedArray> tiny_expectation();

/// The same, and what may be there besides where others are skipped: o/w (f32, 2), and as attributes of the
/// root title (a text of up to 8 bytes) and count (i64).
std::vector<ExpectedArray> lenient_expectation();

/// One file and what reading it must end in.
struct HostileFile {
  std::string name;
  HostileProblem problem = HostileProblem::format;
  std::string detail;  ///< words that the message must hold
};

/// The words that stand in the files of this host that the attacks point to.
inline constexpr std::string_view kSecret = "SECRET-OF-THIS-HOST-SECRET-OF-THIS-HOST";

/// The part of write_hostile_files that changes bytes of the structure of "good", which is in the folder.
std::vector<HostileFile> write_structure_files(const std::filesystem::path& folder);

/// Writes "good", "compact" and every attack into the folder, and beside them what they try to reach.
std::vector<HostileFile> write_hostile_files(const std::filesystem::path& folder);

/// Writes "good" with more in it, as lenient_expectation lets it or does not, into a folder of
/// write_hostile_files.
std::vector<HostileFile> write_files_with_others(const std::filesystem::path& folder);

}  // namespace cohort::store
