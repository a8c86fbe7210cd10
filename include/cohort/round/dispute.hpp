// Two accounts of one member's work that part: which of them is right, at the cost of one link.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cohort/core/digest.hpp"
#include "cohort/round/audit.hpp"

namespace cohort::round {

/// Whose link leads where it says.
enum class Ruling {
  agree,   ///< the chains do not part
  first,   ///< the first account's, not the second's
  second,  ///< the second account's, not the first's
  neither
};

/// What somebody says about a member's round: a submission and the states at its links. It need not be
/// signed: an auditor's own run of the same work cannot be.
struct Account {
  std::filesystem::path submission, links;
};

struct Dispute {
  Ruling ruling = Ruling::agree;
  std::int64_t links = 0;        ///< of both chains
  std::int64_t comparisons = 0;  ///< of chain values, at most ceil(log2(links)) + 1
  std::int64_t link = 0;         ///< the first at which the chains part, from 1 on; 0 = none
  std::int64_t from_step = 0, to_step = 0;
  Digest first{}, second{};        ///< states that the accounts say the link leads to
  std::optional<Digest> replayed;  ///< state that it leads to; none when the training diverges
  bool first_is_signed = false, second_is_signed = false;  ///< by the member
  bool models_differ = false;  ///< which a chain's last link decides: audit them where the chains agree
};

/// Bisects two chains to the first link at which they part, reads the state before it from either folder and
/// replays that link alone. Whoever is wrong there was wrong first; of later links nothing is said.
///
/// Requires  workers.comm of one rank.
/// Throws    DataError with what speaks against either account (as a first look finds it: another member,
///           task, round, recipe or length, a chain that does not follow from the round's model), or when the
///           state before the link is in neither folder; Error when this machine cannot read a file.
Dispute settle(Workers& workers, const AuditCase& audit, const AuditSubject& subject, const Account& first,
               const Account& second);

}  // namespace cohort::round
