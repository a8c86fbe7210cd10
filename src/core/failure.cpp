#include "cohort/core/failure.hpp"

#include <filesystem>
#include <new>

#include "cohort/core/text.hpp"

namespace cohort {
namespace {

namespace fs = std::filesystem;

bool may_not_write(const std::error_code& error) {
  return error == std::errc::read_only_file_system || error == std::errc::permission_denied ||
         error == std::errc::operation_not_permitted;
}

/// "out/a: cannot create directories: Read-only file system; name a place that you may write to". What could
/// only be looked at is an input: DataError, without advice.
Error error_of(const fs::filesystem_error& error) {
  // The library's text for people without its own name and without brackets: what was done, and why not.
  const std::string reason = error.std::system_error::what();
  const std::string text = concat(error.path1().string(), error.path1().empty() ? "" : ": ", reason);
  if (reason.starts_with("status: ") || reason.starts_with("directory iterator ")) return DataError(text);
  return Error(text + way_out(error.code()));
}

}  // namespace

Error as_error(const std::exception& e) {
  if (const auto* error = dynamic_cast<const Error*>(&e)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr)
    return Error("out of memory; use fewer threads, a smaller micro-batch or more ranks");
  if (const auto* error = dynamic_cast<const fs::filesystem_error*>(&e)) return error_of(*error);
  if (dynamic_cast<const std::system_error*>(&e) != nullptr) return Error(e.what());
  return Error(concat("internal: ", *e.what() != '\0' ? e.what() : "unknown error"), ExitCode::internal);
}

std::string way_out(const std::error_code& error) {
  return may_not_write(error) ? "; name a place that you may write to" : "";
}

}  // namespace cohort
