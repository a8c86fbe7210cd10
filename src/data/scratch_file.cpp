#include "data/scratch_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::data {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, int error) {
  throw Error(
      concat("write scratch file in ", folder.string(), ": ", std::generic_category().message(error)));
}

}  // namespace

ScratchFile::ScratchFile(const std::filesystem::path& folder, std::size_t slot_bytes)
    : folder_(folder), slot_bytes_(slot_bytes) {
  std::string name = (folder / ".cohort-scratch-").string() + std::string(6, 'X');  // mkstemp fills these in
  descriptor_ = mkstemp(name.data());
  if (descriptor_ < 0) fail(folder_, errno);
  unlink(name.c_str());
}

ScratchFile::~ScratchFile() {
  close(descriptor_);
}

void ScratchFile::write(std::size_t slot, std::span<const std::uint8_t> bytes) const {
  require(bytes.size() == slot_bytes_, "ScratchFile: a slot is written whole");
  auto offset = static_cast<off_t>(slot * slot_bytes_);
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail(folder_, written < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += written;
  }
}

void ScratchFile::read(std::size_t slot, std::span<std::uint8_t> bytes) const {
  require(bytes.size() == slot_bytes_, "ScratchFile: a slot is read whole");
  auto offset = static_cast<off_t>(slot * slot_bytes_);
  while (!bytes.empty()) {
    const ssize_t count = pread(descriptor_, bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail(folder_, count < 0 ? errno : EIO);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
}

}  // namespace cohort::data
