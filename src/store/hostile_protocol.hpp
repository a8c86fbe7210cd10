// What parent and child say to each other about a stranger's file. Not part of the module's public face.
//
// Request (standard input of the child), integers in the machine's order: version, path, limits, what of
// others, expected arrays. Answer (its standard output), a sequence of frames:
//   'V' u8 bytes, text               its version; the first frame, whatever was asked
//   'R'                              ready: limits are in force, the contents are looked at from here on
//   'A' u32 array, u64 bytes, bytes  one array; arrays come in the order of the expectation
//   'P' u8 reason, u32 array         a problem, and the expected array that it is about; the last frame
//   'E'                              all is well; the last frame
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/store/hostile_reader.hpp"

namespace cohort::store {

inline constexpr char kVersionFrame = 'V', kReadyFrame = 'R', kArrayFrame = 'A', kProblemFrame = 'P',
                      kEndFrame = 'E';

/// What parent and child must agree on before they speak of files: the version of the program that each was
/// built with, and the number of this protocol. A child of another version may let pass what this one
/// refuses.
std::string_view reader_version();

/// Why a file is refused. Only these numbers travel; the words are the parent's.
enum class Reason : std::uint8_t {
  none,
  not_found,
  unreadable,
  symbolic_link,
  not_regular,
  too_long,
  cut_short,
  no_signature,
  user_block,
  unexpected_member,
  absent_member,
  not_hard_link,
  not_array,
  not_group,
  has_attributes,
  absent_attribute,
  shared,
  element_type,
  extents,
  layout,
  filtered,
  external,
  not_stored,
  part_outside,
  part_unknown,
  part_repeated,
  parts_too_many,
  tree_levels,
  last = tree_levels
};

/// Why a file could not be opened, from the system's error number: what the file is, that there is none, or
/// that this machine could not tell (Reason::unreadable).
Reason reason_not_opened(int error);

HostileProblem problem_of(Reason reason);
/// "longer than its contents can be": follows the name of the file or array.
std::string_view words_of(Reason reason);
/// Whether the reason is about one expected array (or the group that holds it), not about the whole file.
bool concerns_array(Reason reason);
/// Whether the reason is that the file is made of other arrays than those expected, not how it is made.
bool is_of_other_arrays(Reason reason);

/// A reason and the number of the expected array that it is about.
struct Finding {
  Reason reason = Reason::none;
  std::uint32_t array = 0;
};

struct HostileRequest {
  std::filesystem::path path;
  double cpu_s = 0;
  std::uint64_t slack_bytes = 0;
  std::vector<ExpectedArray> expected;
  Others others = Others::refused;
};

std::string to_bytes(const HostileRequest& request);
/// Nothing unless the bytes are exactly one request of this version.
std::optional<HostileRequest> request_from_bytes(std::string_view bytes);

/// The most bytes that an array may have.
std::uint64_t most_bytes(const ExpectedArray& array);
/// Whether the array may have exactly so many bytes.
bool may_have(const ExpectedArray& array, std::uint64_t bytes);
/// The longest file that these arrays justify.
std::uint64_t longest_file(std::span<const ExpectedArray> expected, std::uint64_t slack_bytes);

}  // namespace cohort::store
