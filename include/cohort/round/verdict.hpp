// What an audit can say about a submission.
#pragma once

#include <string_view>

namespace cohort::round {

/// In the order in which an audit asks; the first that applies is the verdict.
enum class Verdict {
  ok,           ///< everything that the evidence level asks for holds
  ok_unproven,  ///< counts hold, training was not replayed: paid at a lower rate
  format,       ///< not a submission
  size,         ///< file or arrays of another size than the task says
  spec,         ///< other model, classes, data, hyper-parameters or numerics_version than assigned
  non_finite,   ///< a parameter or statistic is NaN, infinite or above the task's bound
  signature,    ///< unsigned, or not by the key that it names, or a key that is no member's
  late,         ///< of another round or task
  replayed,     ///< handed in before
  duplicate,    ///< the same model as an earlier submission of this round, or as the parent
  claim,        ///< recomputed counts differ from the claim
  statistics,   ///< the hidden set refutes the claim
  baseline,     ///< not better than the baseline on the hidden set: accepted work, no pay
  chain,        ///< a link does not replay, or its state is missing
  transient     ///< this machine could not audit: try again, no penalty
};

/// "OK", "OK_UNPROVEN", "FORMAT", "SIZE", "SPEC", "NONFINITE", "SIG", "LATE", "REPLAYED", "DUPLICATE",
/// "CLAIM", "STAT", "BASELINE", "CHAIN", "TRANSIENT".
std::string_view name_of(Verdict verdict);
/// Throws DataError with the nearest name.
Verdict verdict_from_name(std::string_view name);

/// True for verdicts whose model may enter a merge (ok, ok_unproven, baseline).
bool may_merge(Verdict verdict);
/// True for verdicts that may be paid (ok, ok_unproven).
bool may_be_paid(Verdict verdict);
/// True for verdicts that only a cheat or a broken program explains: stake is lost.
bool is_fault(Verdict verdict);

enum class Evidence { replay, claim, hidden };
std::string_view name_of(Evidence evidence);
Evidence evidence_from_name(std::string_view name);

}  // namespace cohort::round
