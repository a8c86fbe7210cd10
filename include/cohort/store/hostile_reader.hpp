// Reading HDF5 files of strangers: in a separate process with limits, an allow-list of what may be there, and
// nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cohort/store/container.hpp"

namespace cohort::store {

/// One array that the file must have: at the end of hard links, contiguous or compact, no filter, no external
/// or virtual storage.
struct ExpectedArray {
  std::string path;  ///< "parameters/conv1.weight"; groups follow from the paths
  Kind kind = Kind::f32;
  Extents extents;
  /// When positive: one-dimensional, from 1 to so many elements, `extents` is not looked at.
  std::int64_t most_elements = 0;
  /// May be missing, and is then handed out without a byte; so may a group of such arrays alone.
  bool is_optional = false;
  /// An attribute of the root instead, `path` is its name: of u8 a text of fixed length, up to
  /// `most_elements` bytes and filled up with NUL; of other kinds a scalar. Needs Others::skipped.
  bool is_attribute = false;
};

/// What a file may hold besides the expected arrays and their groups.
enum class Others {
  refused,  ///< nothing, and no attribute: a file that is made for this reader
  skipped   ///< further members of the root, and attributes of anything; none of them is read
};

struct HostileLimits {
  double cpu_s = 60, wall_s = 120;
  /// How much longer than its expected contents a file may be, besides 1 KiB for each expected array.
  std::uint64_t slack_bytes = 64 * 1024;
  std::filesystem::path program;  ///< that reads; empty = hostile_reader_program()
};

enum class HostileProblem {
  none,
  missing,     ///< no such file
  unreadable,  ///< there may be one, but this machine cannot read it: rights, memory, a failing disk
  size,        ///< longer than the expected contents allow, or arrays of other sizes
  format,      ///< no regular file, not HDF5, or something that is not on the list
  failed,      ///< the reading process was ended by a limit or by a fault that the file provoked
  interrupted  ///< the reading process was killed from outside, or the wall clock ran out: try again
};

struct HostileContents {
  HostileProblem problem = HostileProblem::none;
  std::string detail;                          ///< one line for people, made from our own words
  std::vector<std::vector<std::byte>> arrays;  ///< in the order of the expectation; empty on a problem
  /// On a problem: what was looked at is sound, but the file is made of other arrays than those expected.
  bool has_other_arrays = false;
};

/// Where the program that reads strangers' files has to be: `cohort-reader` in the folder of the program that
/// runs now. Throws Error when the system does not tell that folder.
std::filesystem::path hostile_reader_program();

/// Reads in a child process that can open no file, start no process and write none, within limits of memory,
/// time and output. What the child says is checked again here. Not collective; allowed under MPI (the child
/// knows nothing of it).
///
/// Requires  paths that differ, extents above 0; no path is a group of another; something else than
/// attributes. Throws    Error only when this machine cannot start the child or limit it: the reading program
/// is missing,
///           is of another version, or is refused a limit.
HostileContents read_hostile(const std::filesystem::path& path, std::span<const ExpectedArray> expected,
                             const HostileLimits& limits = {}, Others others = Others::refused);

/// The child's whole life, which is all that cohort-reader does: expectation on standard input, contents on
/// standard output. Returns its exit code.
int run_hostile_reader();

}  // namespace cohort::store
