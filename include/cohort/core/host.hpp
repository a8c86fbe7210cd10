// The machine this process runs on, and who else lives there.
#pragma once

#include <cstdint>
#include <string>

namespace cohort {

/// The machine's name on its network, or "unknown host"; one line.
std::string host_name();

/// Whether a process of this number runs on this machine, whoever owns it.
bool is_alive(std::int64_t process);

}  // namespace cohort
