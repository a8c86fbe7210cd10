#include "round/round_case.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/train/checkpoint.hpp"
#include "round/strict_json.hpp"

namespace cohort::round {
namespace {

constexpr std::size_t kMostDetail = 1000;

Digest salt_of(const Digest& round, const identity::PublicKey& key) {
  return tagged_sha256("cohort/run-salt/v1")
      .update(std::as_bytes(std::span(round)))
      .update(std::as_bytes(std::span(key)))
      .finish();
}

Digest digest_of_round(const AuditCase& audit) {
  return identity::round_digest(task_digest(audit.task), static_cast<std::uint64_t>(audit.round));
}

/// Class that most training samples have; ties go to the lowest.
std::int32_t majority_class(const data::Dataset& dataset) {
  std::vector<std::int64_t> counts(dataset.classes().size());
  for (const std::int32_t sample : dataset.indices(data::Split::train))
    ++counts[static_cast<std::size_t>(dataset.labels()[static_cast<std::size_t>(sample)])];
  return static_cast<std::int32_t>(std::ranges::max_element(counts) - counts.begin());
}

AuditEntry entry_of(const Finding& finding, const Member& member, Evidence evidence) {
  AuditEntry entry;
  entry.member = member.name;
  entry.key = member.key;
  entry.address = member.address;
  entry.submission = finding.submission;
  entry.model = finding.model;
  entry.verdict = finding.verdict;
  entry.evidence = evidence;
  entry.claim_correct = finding.claim_correct;
  entry.claim_samples = finding.claim_samples;
  entry.hidden_correct = finding.hidden_correct;
  entry.validation_correct = finding.validation_correct;
  entry.links_replayed = finding.links_replayed;
  entry.micro_batches = finding.micro_batches;
  entry.detail = shortened(finding.detail, kMostDetail);
  return entry;
}

/// The only candidate's entry once for each contributor, with the micro-batches that are theirs.
std::vector<AuditEntry> divided(std::span<const AuditEntry> candidate,
                                std::span<const Contributor> contributors) {
  std::int64_t owed = 0;
  for (const Contributor& contributor : contributors) owed += contributor.micro_batches;
  std::vector<AuditEntry> entries;
  for (const AuditEntry& whole : candidate)
    for (const Contributor& contributor : contributors) {
      AuditEntry& entry = entries.emplace_back(whole);
      entry.member = contributor.member.name;
      entry.key = contributor.member.key;
      entry.address = contributor.member.address;
      entry.micro_batches = whole.micro_batches / owed * contributor.micro_batches;
    }
  return entries;
}

}  // namespace

std::vector<std::int32_t> common_validation(const data::Partition& partition) {
  std::set<std::int32_t> pooled;
  for (const data::Part& part : partition.parts)
    pooled.insert(part.validation.begin(), part.validation.end());
  return {pooled.begin(), pooled.end()};
}

std::vector<std::int32_t> pooled_training(const data::Partition& partition) {
  std::set<std::int32_t> pooled;
  for (const data::Part& part : partition.parts) pooled.insert(part.train.begin(), part.train.end());
  return {pooled.begin(), pooled.end()};
}

void require_audited(std::span<const Finding> findings) {
  std::vector<std::string> open;
  for (const Finding& finding : findings)
    if (finding.verdict == Verdict::transient) open.push_back(concat(finding.member, ": ", finding.detail));
  if (!open.empty())
    throw Error(concat("this machine could not audit ", joined(open, "; "),
                       "; nothing is lost: run the same command again"));
}

Finding nothing_handed_in(const Task& task, std::int64_t candidate, const std::string& failure) {
  Finding finding;
  finding.candidate = candidate;
  finding.member = task.members.at(static_cast<std::size_t>(candidate)).name;
  finding.verdict = Verdict::late;
  finding.detail = failure.empty() ? "nothing was handed in" : concat("nothing was handed in: ", failure);
  return finding;
}

std::vector<bool> copies_among(std::span<const FirstLook> looks) {
  std::map<Digest, int> models;
  for (const FirstLook& look : looks)
    if (look.finding.verdict == Verdict::ok) ++models[look.finding.model];
  std::vector<bool> copies;
  for (const FirstLook& look : looks) copies.push_back(models[look.finding.model] > 1);
  return copies;
}

Digest commitment_of(const AuditCase& audit, const Finding& finding) {
  const Digest round = digest_of_round(audit);
  const auto candidate = static_cast<std::size_t>(finding.candidate);
  const identity::PublicKey& key = audit.task.members.at(candidate).key;
  return identity::commit({round, key, finding.submission, static_cast<std::uint64_t>(finding.claim_correct),
                           static_cast<std::uint64_t>(finding.claim_samples),
                           audit.dataset.subset_digest(audit.partition.parts.at(candidate).validation),
                           salt_of(round, key)});
}

Digest draw_beacon(const AuditCase& audit, const Digest& secret, std::span<const Digest> commitments) {
  return identity::beacon(secret, digest_of_round(audit), commitments);
}

bool counted_on(const std::filesystem::path& audit, const Digest& images) {
  if (!std::filesystem::exists(audit)) return true;
  try {
    return read_audit(audit).hidden.digest == images;
  } catch (const DataError&) {
    return false;
  }
}

HiddenBaseline count_baseline(Workers& workers, const data::Dataset& dataset, const data::Dataset& hidden,
                              const std::vector<std::int32_t>& images, const nn::Model& model,
                              const nn::StateLayout& layout, const Model& incumbent) {
  const std::int32_t majority = majority_class(dataset);
  HiddenBaseline baseline;
  baseline.incumbent = count_correct(workers, hidden, images, model, layout, incumbent);
  baseline.majority = std::ranges::count_if(
      images, [&](std::int32_t i) { return hidden.labels()[static_cast<std::size_t>(i)] == majority; });
  return baseline;
}

HiddenResult hidden_result(const Digest& images, std::int64_t count, const HiddenBaseline& baseline) {
  if (count == 0) return {};
  return {images, count, std::max<std::int64_t>(0, baseline.majority),
          std::max<std::int64_t>(0, baseline.incumbent)};
}

AuditRecord audit_record(const AuditCase& audit, const Digest& parent, const HiddenBaseline& baseline,
                         std::span<const Finding> findings) {
  HiddenResult hidden;
  if (audit.hidden != nullptr && !audit.hidden_images.empty())
    hidden = hidden_result(audit.hidden->subset_digest(audit.hidden_images),
                           static_cast<std::int64_t>(audit.hidden_images.size()), baseline);
  return audit_record(audit.task, audit.round, parent, hidden, findings);
}

AuditRecord audit_record(const Task& task, std::int64_t round, const Digest& parent,
                         const HiddenResult& hidden, std::span<const Finding> findings) {
  AuditRecord record;
  record.task = task_digest(task);
  record.round = round;
  record.parent = parent;
  record.is_demonstration = task.pool.is_demonstration;
  record.hidden = hidden;
  for (const Finding& finding : findings)
    record.entries.push_back(
        entry_of(finding, task.members.at(static_cast<std::size_t>(finding.candidate)), task.audit.evidence));
  if (!task.contributors.empty()) record.entries = divided(record.entries, task.contributors);
  std::ranges::sort(record.entries, {}, &AuditEntry::member);
  return record;
}

RewardOptions reward_options(const PoolRules& rules) {
  RewardOptions options;
  options.rule = reward_rule_from_name(rules.rule);
  options.gamma = rules.gamma;
  options.unproven_rate = {rules.unproven_numerator, rules.unproven_denominator};
  options.is_demonstration = rules.is_demonstration;
  return options;
}

Model initial_model(const nn::StateLayout& layout, std::uint64_t seed) {
  Model model{AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count)),
              AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count))};
  nn::initialise(layout, seed, model.parameters.span(), model.statistics.span());
  return model;
}

train::Checkpoint round_checkpoint(const Task& task, const data::Dataset& dataset, const Model& model,
                                   std::int64_t round) {
  train::Checkpoint checkpoint;
  train::CheckpointHeader& header = checkpoint.header;
  header.numerics_version = kNumericsVersion;
  header.model = task.recipe.model;
  header.classes = dataset.classes();
  header.normalization = dataset.normalization();
  header.step = round * task.round_steps;
  header.recipe = train::recipe_text(task.recipe);
  header.dataset_digest = dataset.digest();
  header.training_digest = train::training_data_digest(dataset);
  checkpoint.state = starting_state(task.recipe, model);
  checkpoint.state.step = header.step;
  return checkpoint;
}

Model stored_model(const std::filesystem::path& path, const nn::StateLayout& layout, const Digest& expected) {
  train::Checkpoint checkpoint = train::read_checkpoint(path);
  Model stored{std::move(checkpoint.state.parameters), std::move(checkpoint.state.statistics)};
  if (model_digest(layout, stored.parameters.span(), stored.statistics.span()) != expected)
    throw CheckpointError(concat(path.string(), ": is not the model that round.json names"));
  return stored;
}

}  // namespace cohort::round
