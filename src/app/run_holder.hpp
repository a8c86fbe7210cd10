// Whether the job that a run folder belongs to still lives.
#pragma once

#include <filesystem>

namespace cohort::app {

enum class Holder { at_work, gone, unknown };

/// Looks at the folder's lock and at who wrote it. A lock that is free says that the job has ended, if it ran
/// on this host or has written nothing for a while: not every file system shares locks between hosts.
Holder holder_of(const std::filesystem::path& run);

}  // namespace cohort::app
