#include "train/checkpoint_failure.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "cohort/core/failure.hpp"
#include "cohort/core/text.hpp"
#include "cohort/train/checkpoint.hpp"

namespace cohort::train {
namespace {

template <typename T>
bool is(const std::exception& e) {
  return dynamic_cast<const T*>(&e) != nullptr;
}

/// Why the system does not give every byte of a file; empty when it does.
std::string reading_problem(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (!file) return std::generic_category().message(errno);
  std::array<char, 65536> buffer{};
  while (std::fread(buffer.data(), 1, buffer.size(), file.get()) == buffer.size()) continue;
  return std::ferror(file.get()) != 0 ? std::generic_category().message(errno) : std::string();
}

}  // namespace

void refuse_checkpoint(const std::filesystem::path& path, const std::exception& e) {
  const Error error = as_error(e);
  const std::string doing = concat("read checkpoint ", path.string(), ": ");
  if (is<DataError>(e) || (is<CheckpointError>(e) && !is<OtherProgramError>(e))) {
    // The HDF5 library tells of a failing disk in the same way as of wrong contents.
    const std::string problem = reading_problem(path);
    if (problem.empty()) throw DamagedError(doing + error.what());
    throw CheckpointError(doing + problem);
  }
  if (is<Error>(e) || is<std::system_error>(e)) throw CheckpointError(doing + error.what());
  throw Error(doing + error.what(), error.code());
}

}  // namespace cohort::train
