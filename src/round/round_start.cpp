#include "cohort/round/round_start.hpp"

#include <filesystem>
#include <span>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/submission.hpp"
#include "round/round_case.hpp"
#include "round/unread_file.hpp"

namespace cohort::round {
namespace {

/// An accepted submission of a round that is done.
struct AcceptedModel {
  std::int64_t round = 0;
  const Finding* finding = nullptr;  ///< in the records
};

/// The newest accepted one of each candidate that has any.
std::map<std::int64_t, AcceptedModel> newest_accepted(std::span<const RoundRecord> records) {
  std::map<std::int64_t, AcceptedModel> newest;
  for (const RoundRecord& record : records)
    for (const Finding& finding : record.findings)
      if (may_merge(finding.verdict)) newest[finding.candidate] = {record.round, &finding};
  return newest;
}

/// Its model, from the file that was handed in. Throws CheckpointError when that is not what was accepted.
Model read_accepted(const RoundPaths& paths, const nn::StateLayout& layout, const AcceptedModel& accepted) {
  const Finding& finding = *accepted.finding;
  const std::filesystem::path path = paths.candidate(accepted.round, finding.member).submission;
  ReadSubmission read = read_submission(path, layout);
  if (!read.submission) refuse_unread(path, read.verdict, read.detail);
  if (read.submission->header.model != finding.model)
    throw CheckpointError(concat(path.string(), ": is not what round ", accepted.round,
                                 " accepted: its model is sha256:", to_hex(read.submission->header.model),
                                 " instead of ", to_hex(finding.model)));
  return {std::move(read.submission->parameters), std::move(read.submission->statistics)};
}

}  // namespace

const Model& RoundStart::parent_of(const Assignment& assignment) const {
  if (own.empty()) return incumbent;
  return own.at(assignment.donor >= 0 ? assignment.donor : assignment.candidate);
}

AuditSubject RoundStart::subject(const Assignment& assignment, const CandidateFiles& files) const {
  return {assignment, files.submission, files.links, &parent_of(assignment)};
}

Digest RoundStart::digest(const nn::StateLayout& layout) const {
  return model_digest(layout, incumbent.parameters.span(), incumbent.statistics.span());
}

std::set<Digest> RoundStart::spent() const {
  std::set<Digest> spent;
  for (const RoundRecord& record : records)
    for (const Finding& finding : record.findings)
      if (finding.submission != Digest{}) spent.insert(finding.submission);
  return spent;
}

bool keeps_own_models(const Task& task) {
  return task.merge.rule == MergeRule::none;
}

Model read_here(std::string_view, const std::function<Model()>& read) {
  return read();
}

RoundStart start_after(std::vector<RoundRecord> records, const Task& task, const nn::StateLayout& layout,
                       const RoundPaths& paths, const ObtainModel& obtain) {
  RoundStart start{std::move(records), initial_model(layout, task.recipe.seed), {}};
  if (keeps_own_models(task))
    for (std::size_t i = 0; i < task.members.size(); ++i)
      start.own[static_cast<std::int64_t>(i)] = {copy_of(start.incumbent.parameters.span()),
                                                 copy_of(start.incumbent.statistics.span())};
  if (start.records.empty()) return start;
  const auto last = static_cast<std::int64_t>(start.records.size());
  start.incumbent = obtain("read the last round's model", [&] {
    return stored_model(paths.model(last), layout, start.records.back().model);
  });
  if (!keeps_own_models(task)) return start;
  for (const auto& [candidate, accepted] : newest_accepted(start.records))
    start.own[candidate] = obtain("read a candidate's model",
                                  [&, &newest = accepted] { return read_accepted(paths, layout, newest); });
  return start;
}

}  // namespace cohort::round
