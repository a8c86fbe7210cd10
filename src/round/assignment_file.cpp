#include "round/assignment_file.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/finding_text.hpp"

namespace cohort::round {
namespace {

std::vector<Assignment> unexplored(const Task& task) {
  std::vector<Assignment> assignments;
  for (std::size_t i = 0; i < task.members.size(); ++i)
    assignments.push_back({static_cast<std::int64_t>(i), {}, -1});
  return assignments;
}

}  // namespace

std::vector<Assignment> read_assignments(const std::filesystem::path& path, const Task& task,
                                         std::int64_t round) {
  if (!std::filesystem::exists(path)) {
    if (task.search.empty()) return unexplored(task);
    throw Error(concat(path.string(), ": no such file; it says what each candidate was to try"));
  }
  std::vector<Assignment> assignments = store::parsed_json(path, assignments_of);
  const auto members = static_cast<std::int64_t>(task.members.size());
  for (const Assignment& assignment : assignments) {
    if (assignment.candidate < 0 || assignment.candidate >= members || assignment.donor >= members)
      throw DataError(concat(path.string(), ": names a candidate that the task does not have"));
    const Member& member = task.members[static_cast<std::size_t>(assignment.candidate)];
    try {
      static_cast<void>(member_recipe(task, round, member, assignment.setting));
    } catch (const UsageError& e) {
      throw DataError(concat(path.string(), ": ", member.name, ": ", e.what()));
    }
  }
  return assignments;
}

}  // namespace cohort::round
