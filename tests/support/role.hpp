// What else a test program may be started as.
#pragma once

#include <optional>

/// The exit code of the other role when the arguments ask for one; nothing when tests are to be run.
std::optional<int> play_other_role(int argc, char** argv);
