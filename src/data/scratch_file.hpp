// A nameless file for what does not fit in memory; gone when closed, whatever happens to the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace cohort::data {

/// Fixed-size slots; different slots may be written from different threads.
class ScratchFile {
 public:
  /// Lies in `folder`. Throws Error naming it.
  ScratchFile(const std::filesystem::path& folder, std::size_t slot_bytes);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void write(std::size_t slot, std::span<const std::uint8_t> bytes) const;
  void read(std::size_t slot, std::span<std::uint8_t> bytes) const;

 private:
  std::filesystem::path folder_;
  std::size_t slot_bytes_;
  int descriptor_ = -1;
};

}  // namespace cohort::data
