#include "round/unread_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

/// Only where the system is sure.
bool is_gone(const std::filesystem::path& path) {
  std::error_code error;
  return !std::filesystem::exists(path, error) && !error;
}

}  // namespace

void refuse_unread(const std::filesystem::path& path, Verdict verdict, const std::string& detail,
                   std::string_view advice) {
  if (verdict == Verdict::transient && !is_gone(path))
    throw Error(concat(path.string(), ": ", detail, "; nothing is lost: run the same command again"));
  throw CheckpointError(concat(path.string(), ": ", detail, advice));
}

std::string why_unread(const std::filesystem::path& path) {
  if (::access(path.c_str(), R_OK) == 0) return concat(" (", path.string(), ")");
  const int reason = errno;
  return concat(" (", path.string(), ": ", std::generic_category().message(reason),
                reason == EACCES ? "; give this user the right to read it, or set it aside)" : ")");
}

}  // namespace cohort::round
