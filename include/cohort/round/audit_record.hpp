// audit.json: what an audit found about every submission of a round, in integers. Rewards are computed from
// it and from nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/verdict.hpp"

namespace cohort::round {

/// The images that no member ever saw, and what had to be beaten on them.
struct HiddenResult {
  Digest digest{};  ///< data::Dataset::subset_digest
  std::int64_t samples = 0;
  std::int64_t majority_correct = 0;   ///< of always answering the most frequent class
  std::int64_t incumbent_correct = 0;  ///< of the model that the round started from
};

/// One submission. Counts are -1 where the audit did not come that far.
struct AuditEntry {
  std::string member;  ///< at most 100 bytes
  identity::PublicKey key{};
  std::string address;  ///< as Address, or empty: no payout
  Digest submission{}, model{};
  Verdict verdict = Verdict::transient;
  Evidence evidence = Evidence::replay;
  std::int64_t claim_correct = -1, claim_samples = -1;
  std::int64_t hidden_correct = -1;
  std::int64_t validation_correct = -1;      ///< on the common validation set
  std::vector<std::int64_t> links_replayed;  ///< ascending
  std::int64_t micro_batches = 0;            ///< that were verified
  std::string detail;                        ///< for people; at most 1,000 bytes
};

/// Correct hidden answers of the merged models of all sub-coalitions (rule shapley).
struct Coalitions {
  std::vector<std::string> members;     ///< one for each different model, at most 12
  std::vector<std::int64_t> utilities;  ///< 2^N; bit i of the index: members[i] is in; [0]: the baseline
};

struct AuditRecord {
  Digest task{};
  std::int64_t round = 1;
  Digest parent{};  ///< model_digest of the round's starting model
  bool is_demonstration = false;
  bool is_partial = false;  ///< of one submission alone: nobody can be paid by it
  HiddenResult hidden;
  std::vector<AuditEntry> entries;  ///< by member, ascending
  std::optional<Coalitions> coalitions;
};

/// What had to be beaten on the hidden images: the larger of majority_correct and incumbent_correct.
std::int64_t baseline_correct(const HiddenResult& hidden);
/// Whether any submission was accepted (may_merge), so that rewards can be computed.
bool has_accepted(const AuditRecord& record);

/// The record as canonical JSON, entries sorted by member: what is written, so that sha256sum of the file is
/// audit_digest. Throws DataError with all that is impossible in it: counts out of range, equal members or
/// keys.
std::string audit_text(AuditRecord record);
/// Throws DataError with all problems at once: unknown or missing members, wrong kinds, impossible values.
AuditRecord audit_from_text(std::string_view text);
/// SHA-256 of the canonical text, whatever the spacing of the file.
Digest audit_digest(const AuditRecord& record);

void write_audit(const std::filesystem::path& path, const AuditRecord& record);
/// Throws Error when it cannot be read, DataError naming the path for what audit_from_text refuses.
AuditRecord read_audit(const std::filesystem::path& path);

}  // namespace cohort::round
