// What the time is, for people, records and time limits; no result depends on it.
#pragma once

#include <string>

namespace cohort {

/// The date and time as "2026-01-31T12:00:00Z".
std::string utc_now();

/// Seconds since a fixed moment; never goes back. Only differences mean something.
double steady_now_s();

}  // namespace cohort
