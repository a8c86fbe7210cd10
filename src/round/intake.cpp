#include "cohort/round/intake.hpp"

#include <algorithm>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/needs.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

/// No link may stand in the way from `top` to the file: it could lead to what the coordinator alone may read.
void refuse_links(const fs::path& top, const fs::path& file) {
  fs::path at = top;
  for (const fs::path& part : file.lexically_relative(top)) {
    at /= part;
    if (fs::is_symlink(fs::symlink_status(at)))
      throw DataError(concat(at.string(), ": is a link; hand in the file itself"));
  }
}

/// A whole copy or none.
void copy(const fs::path& file, const fs::path& place, std::uint64_t most) {
  if (!fs::is_regular_file(fs::symlink_status(file)))
    throw DataError(concat(file.string(), ": not a regular file"));
  if (const std::uintmax_t size = fs::file_size(file); size > most)
    throw DataError(
        concat(file.string(), ": ", size, " bytes, more than the ", most, " that the task's model can take"));
  store::write_atomically(place, [&](const fs::path& temporary) {
    fs::copy_file(file, temporary, fs::copy_options::overwrite_existing);
  });
}

bool are_equal(const fs::path& one, const fs::path& other) {
  return fs::file_size(one) == fs::file_size(other) && store::read_text(one) == store::read_text(other);
}

/// As links are named: 64 hexadecimal digits and the ending.
bool is_state(const fs::path& file) {
  const std::string name = file.stem().string();
  return file.extension() == ".h5" && name.size() == 64 &&
         name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::vector<fs::path> states_in(const fs::path& links) {
  std::vector<fs::path> states;
  if (!fs::is_directory(links)) return states;
  for (const auto& entry : fs::directory_iterator(links))
    if (is_state(entry.path())) states.push_back(entry.path());
  std::ranges::sort(states);
  return states;
}

}  // namespace

std::int64_t take_in(const RoundPaths& run, const Task& task, std::int64_t round, const std::string& member,
                     const fs::path& from) {
  if (std::ranges::find(task.members, member, &Member::name) == task.members.end()) {
    std::vector<std::string> names;
    for (const Member& other : task.members) names.push_back(other.name);
    throw DataError(
        concat(from.string(), ": the task has no member '", member, "'", did_you_mean(member, names)));
  }
  const CandidateFiles place = run.candidate(round, member);
  CandidateFiles given = RoundPaths{from}.candidate(round, member);
  if (!fs::is_directory(from)) given = {{}, {}, from};
  if (!fs::exists(fs::symlink_status(given.submission)))
    throw DataError(concat(from.string(), ": there is no ", given.submission.string()));
  const std::uint64_t most = round_files(task).longest;
  if (fs::is_directory(from)) refuse_links(from, given.submission);
  if (fs::exists(place.submission)) {
    if (fs::exists(given.submission) && !are_equal(given.submission, place.submission))
      throw UsageError(concat(member, " has handed in another submission before, ", place.submission.string(),
                              "; remove it if this one is to stand"));
  } else {
    fs::create_directories(place.submission.parent_path());
    copy(given.submission, place.submission, most);
  }
  if (given.links.empty()) return 0;
  const std::vector<fs::path> states = states_in(given.links);
  if (static_cast<std::int64_t>(states.size()) > links_of(task) + 1)
    throw DataError(
        concat(given.links.string(), ": ", states.size(), " states, a round has ", links_of(task), " links"));
  fs::create_directories(place.links);
  for (const fs::path& state : states) {
    refuse_links(from, state);
    if (!fs::exists(place.links / state.filename())) copy(state, place.links / state.filename(), most);
  }
  return static_cast<std::int64_t>(states.size());
}

}  // namespace cohort::round
