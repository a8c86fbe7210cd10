// One submission a member and round: what each key was examined by first, on disk before anybody can know
// which links are replayed. Who could hand in again after a refusal would do so until a forged chain is not
// hit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "cohort/round/audit.hpp"

namespace cohort::round {

enum class KeepExamined { yes, no };

/// Holds looks that are good so far to what is on record in `path` for their round: one whose key has another
/// submission there becomes Verdict::late; one whose key has none is put on record, if it is to be kept. With
/// another evidence than `replay` there is no record.
///
/// Ensures  the file has it when this returns, and several processes at a time record one submission.
/// Returns  what the beacon is drawn over: the commitments on record; without replay those of all that could
///          be read.
/// Throws   DataError for a record that is damaged or of another task or round, Error when it cannot be read
///          or written.
std::vector<Digest> hold_to_first(const std::filesystem::path& path, const AuditCase& audit,
                                  std::span<FirstLook> looks, KeepExamined keep);

/// Links of the submission, if it is the one on record, that an audit was to replay and has not seen to hold:
/// all later audits replay them. Whoever could have other links drawn until a forged one is not hit would ask
/// for an audit again and again, or let one fail. Throws as hold_to_first.
std::vector<std::int64_t> doubted_links(const std::filesystem::path& path, const AuditCase& audit,
                                        const Finding& finding);

/// Puts the links that `beacon` chose on record as doubted, before they are replayed, beside what is doubted
/// there, perhaps by another audit at the same time: however this one ends, they stay so until they hold.
/// Throws as hold_to_first.
void doubt_links(const std::filesystem::path& path, const AuditCase& audit, const FirstLook& look,
                 const Digest& beacon);

/// Takes those off the record that a replay has seen to hold. Throws as hold_to_first.
void trust_replayed_links(const std::filesystem::path& path, const AuditCase& audit, const Finding& found);

}  // namespace cohort::round
