// The date, for people and records; no result depends on it.
#pragma once

#include <string>

namespace cohort::train {

/// "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace cohort::train
