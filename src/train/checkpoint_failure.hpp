// Why a checkpoint cannot be read: it is damaged, it is another program's, or the system does not give it.
#pragma once

#include <exception>
#include <filesystem>

#include "cohort/core/error.hpp"

namespace cohort::train {

/// A whole checkpoint of a format or a numerics_version that this program does not read.
class OtherProgramError : public CheckpointError {
 public:
  using CheckpointError::CheckpointError;
};

/// Throws what `e`, thrown while `path` was read, means, naming the file: DamagedError when the contents
/// are at fault and the system gives every byte of them; CheckpointError when the system does not, or when
/// the file is another program's; else (no memory, a mistake in this program) an Error as of as_error.
[[noreturn]] void refuse_checkpoint(const std::filesystem::path& path, const std::exception& e);

/// Runs `read`; whatever goes wrong is told by refuse_checkpoint.
template <typename F>
auto reading(const std::filesystem::path& path, F&& read) {
  try {
    return read();
  } catch (const std::exception& e) {
    refuse_checkpoint(path, e);
  }
}

}  // namespace cohort::train
