#include "paths.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "cohort/core/failure.hpp"
#include "cohort/core/text.hpp"

namespace cohort::app {
namespace fs = std::filesystem;
namespace {

/// Why it cannot be read; empty when it can. A pipe is not waited for.
std::string problem_of(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (file >= 0) {
    ::close(file);
    std::error_code error;
    const fs::file_status found = fs::status(path, error);
    if (fs::is_regular_file(found) || fs::is_directory(found)) return {};
    return concat(path.string(), ": not a regular file");
  }
  if (errno == ENOENT || errno == ENOTDIR) return concat(path.string(), ": no such file or folder");
  return concat(path.string(), ": cannot be read: ", std::generic_category().message(errno));
}

}  // namespace

void require_readable(const std::vector<fs::path>& paths) {
  std::vector<std::string> problems;
  for (const fs::path& path : paths) {
    if (path.empty() || path == "-") continue;
    if (std::string problem = problem_of(path); !problem.empty()) problems.push_back(std::move(problem));
  }
  if (!problems.empty()) throw DataError(joined(problems, "; "));
}

void refuse_unreadable(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() != fs::file_type::not_found) require_readable({path});
}

void require_free_output(const fs::path& out, bool may_replace, const std::vector<fs::path>& inputs) {
  if (out.empty()) return;
  const auto refuse = [&](const std::string& why) { throw UsageError(concat("--out ", out.string(), why)); };
  std::error_code error;
  for (const fs::path& input : inputs)
    if (!input.empty() && fs::equivalent(input, out, error))
      refuse(" is a file that this command reads; choose another --out");
  const fs::file_status found = fs::status(out, error);
  if (!fs::exists(found)) return;
  if (fs::is_directory(found)) refuse(" is a folder; name a file");
  if (!fs::is_regular_file(found)) refuse(" is not a regular file; choose another --out");
  if (!may_replace) refuse(" is there already; choose another --out or add --overwrite");
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(concat("make folder ", folder.string(), ": ", error.message(), way_out(error)));
}

std::string cut_list(const std::string& message) {
  const std::vector<std::string> lines = split(message, '\n');
  if (lines.size() <= kMostErrorLines + 1) return message;
  const std::span shown = std::span(lines).first(kMostErrorLines + 1);
  return concat(joined(std::vector<std::string>(shown.begin(), shown.end()), "\n"), "\n  ... and ",
                lines.size() - shown.size(), " more");
}

}  // namespace cohort::app
