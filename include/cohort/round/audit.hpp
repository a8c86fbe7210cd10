// Is a contribution what it claims to be: form, signature, counts, generalisation, replay of its training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/round/candidate.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/round/task.hpp"
#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// One submission to examine, and what its member was assigned.
struct AuditSubject {
  Assignment assignment;
  std::filesystem::path submission;
  std::filesystem::path links;                ///< folder with the states that the beacon asks for
  const Model* parent = nullptr;              ///< what the member had to start from
  std::vector<std::int64_t> doubted_links{};  ///< not seen to hold in an earlier audit: replayed in any case
};

/// What all submissions of one round are measured by.
struct AuditCase {
  const Task& task;
  std::int64_t round = 1;
  const data::Dataset& dataset;
  const data::Partition& partition;
  std::vector<std::int32_t> common_validation;  ///< the parts' validation samples pooled, ascending
  const data::Dataset* hidden = nullptr;        ///< null without a hidden set
  std::vector<std::int32_t> hidden_images;      ///< fresh ones of this round; none with evidence `claim`
  std::int64_t majority_correct = 0;  ///< hidden images of the most frequent class of the training data
  std::set<Digest> spent;             ///< submissions of earlier rounds
};

/// What was found. Counts are -1 where the audit did not come that far.
struct Finding {
  std::int64_t candidate = 0;
  std::string member;
  Verdict verdict = Verdict::transient;
  std::string detail;
  Digest submission{}, model{};
  std::int64_t claim_correct = -1, claim_samples = -1;
  std::int64_t hidden_correct = -1, validation_correct = -1;
  std::vector<std::int64_t> links_replayed;  ///< numbers of links, from 1 on
  std::int64_t micro_batches = 0;            ///< that the chain vouches for
};

/// A finding's count for people: "17/19", or "-" where the audit did not come that far.
std::string counts_text(std::int64_t correct, std::int64_t samples);

/// First look, without running the model: form, signature, whether it was handed in before, task and round,
/// specification, values, the chain's hashes. A finding of `ok` means "so far"; counts are taken over once
/// they are those of the member's own images. Not collective; reads the file in a process of its own.
struct FirstLook {
  Finding finding;
  std::optional<Submission> submission;
};
FirstLook look_at(const AuditCase& audit, const AuditSubject& subject);

/// Second look, over all first looks of a round: the untrained parent is refused. Copies of one another stay
/// "so far", as a replay finds the thief. The order of the findings is without effect.
void compare(const AuditCase& audit, std::span<const AuditSubject> subjects, std::span<FirstLook> looks);

/// Links to replay, ascending, numbers from 1 to `links`: first, last, and `extra` others chosen by
/// draws of `seed`; all when there are no more.
std::vector<std::int64_t> chosen_links(const Digest& seed, std::int64_t links, std::int64_t extra);

/// Seed of one submission's draws: SHA-256("cohort/links/v1\0" ‖ beacon ‖ submission).
Digest link_seed(const Digest& beacon, const Digest& submission);

/// What an audit replays of a submission: what the beacon chooses and what was doubted before; ascending,
/// once each. Doubted links that the chain does not have are left out.
std::vector<std::int64_t> links_to_replay(const Digest& beacon, const Digest& submission, std::int64_t links,
                                          std::int64_t extra, std::span<const std::int64_t> doubted);

/// Chance that `chosen` of `links` contain one of `forged`: 1 - C(links - forged, chosen) / C(links, chosen).
double detection_chance(std::int64_t links, std::int64_t forged, std::int64_t chosen);

/// Third look: claim, generalisation (not with evidence `claim`), replay (with `replay`, and of copies),
/// baseline, common validation. Refused submissions pass through. A copy that does not replay is a duplicate:
/// no order of commitments is on record by which one could tell whose it is.
/// Collective over workers.comm; `look` matters on the root only, the result is the same on all ranks.
Finding examine(Workers& workers, const AuditCase& audit, const AuditSubject& subject, const FirstLook& look,
                const Digest& beacon, std::int64_t incumbent_correct, bool is_copy);

/// A disagreement of two chains over the same work: the first link at which they part, found in
/// ceil(log2(links)) questions; 0 when they agree. Chains must start alike and have equal length. `same(i)`
/// says whether both have the same chain value after link i.
std::int64_t first_divergence(std::int64_t links, const std::function<bool(std::int64_t)>& same);

}  // namespace cohort::round
