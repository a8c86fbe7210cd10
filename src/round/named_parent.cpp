#include "round/named_parent.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/submission.hpp"

namespace cohort::round {
namespace fs = std::filesystem;

void require_no_other_parent(const Task& task, const RoundPaths& paths, std::int64_t round) {
  if (task.audit.evidence != Evidence::claim)
    throw UsageError(concat("--parent: evidence ", name_of(task.audit.evidence),
                            " asks for the records of the rounds before; evidence claim alone does without"));
  if (task.merge.rule == MergeRule::none)
    throw UsageError("--parent: the task merges nothing, so its members start from models of their own");
  if (round == 1)
    throw UsageError(
        "--parent: round 1 starts from the task's first model, which everybody can make; leave it out");
  for (std::int64_t r = 1; r <= round; ++r)
    if (const fs::path record = paths.record(r); fs::exists(record))
      throw UsageError(concat("--parent: ", record.string(),
                              " and the run's other records say what a round started from; leave it out, and "
                              "put back records that are missing"));
}

void require_named_start(const fs::path& submission, const nn::StateLayout& layout, const Model& named) {
  const ReadSubmission read = read_submission(submission, layout);
  if (!read.submission) return;
  const Digest start = model_digest(layout, named.parameters.span(), named.statistics.span());
  if (read.submission->header.parent == start) return;
  throw DataError(concat(
      "--parent: model sha256:", to_hex(start),
      " is not the model that this submission started from, sha256:", to_hex(read.submission->header.parent),
      " (", submission.string(), "); name that one, or ask the member why it is not the round's"));
}

}  // namespace cohort::round
