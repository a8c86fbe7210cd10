// What an exception means to whoever runs the program: words and an exit code.
#pragma once

#include <exception>
#include <string>
#include <system_error>

#include "cohort/core/error.hpp"

namespace cohort {

/// The Error that `e` stands for, with its words and exit code: itself when it is an Error; what to try when
/// memory ran out; the system's reason when that refused something (of files DataError's code when they were
/// only looked at); else a mistake in this program: "internal: …" and ExitCode::internal.
Error as_error(const std::exception& e);

/// "; name a place that you may write to" for errors of places that are not to be written to, else nothing:
/// how messages about failed writing end.
std::string way_out(const std::error_code& error);

}  // namespace cohort
