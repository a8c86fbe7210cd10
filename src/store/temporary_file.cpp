#include "store/temporary_file.hpp"

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "cohort/core/host.hpp"
#include "cohort/core/text.hpp"

namespace cohort::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".tmp.";

/// What a temporary file's name says.
struct Writer {
  std::string target, host;
  std::int64_t process = 0;
};

/// Nothing for a name that temporary_name cannot have made.
std::optional<Writer> writer_of(const std::string& name) {
  const std::size_t mark = name.rfind(kMark);
  if (mark == std::string::npos) return std::nullopt;
  const std::size_t digits = mark + kMark.size(), dot = name.find('.', digits);
  if (dot == std::string::npos || dot + 1 == name.size()) return std::nullopt;
  const std::optional<std::int64_t> process = parse_int(name.substr(digits, dot - digits));
  if (!process || *process < 1) return std::nullopt;
  return Writer{name.substr(0, mark), name.substr(dot + 1), *process};
}

bool is_abandoned(const Writer& writer, Hosts hosts) {
  return writer.host == host_name() ? !is_alive(writer.process) : hosts == Hosts::all;
}

template <typename Walk, typename Wanted>
void remove_abandoned(const fs::path& folder, Hosts hosts, const Wanted& is_wanted) {
  std::error_code error;
  for (Walk entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::optional<Writer> writer = writer_of(entry->path().filename().string());
    if (writer && is_wanted(*writer) && is_abandoned(*writer, hosts)) ::unlink(entry->path().c_str());
  }
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
  fs::path name = path;
  name += concat(kMark, ::getpid(), ".", host_name());
  return name;
}

void remove_abandoned_of(const fs::path& path) {
  const std::string target = path.filename().string();
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  remove_abandoned<fs::directory_iterator>(folder, Hosts::mine,
                                           [&](const Writer& writer) { return writer.target == target; });
}

void remove_abandoned_in(const fs::path& folder, Hosts hosts) {
  remove_abandoned<fs::recursive_directory_iterator>(folder, hosts, [](const Writer&) { return true; });
}

TemporaryFile::~TemporaryFile() {
  ::unlink(path_.c_str());
}

}  // namespace cohort::store
