// What an audit can say about a submission.
#pragma once

#include <string_view>

namespace cohort::round {

/// The first that applies, in the order in which an audit asks:
///
/// - can the file be read (transient, size, format, and non_finite for values that no training makes);
/// - is it the member's (signature), new (replayed), of this round (late) and as assigned (spec);
/// - are its values within the task's bound (non_finite), and, with evidence `replay`, does its chain hang
///   together (chain);
/// - is the model the member's own (duplicate); with `replay`, is it its first in this round (late);
/// - running the model: does it answer (non_finite), are the counts the claimed ones (claim) and, unless the
///   evidence is `claim`, such as fit the hidden set (statistics);
/// - with evidence `replay`: do the chosen links lead where they say (chain; duplicate for a copied model);
/// - does it beat the baseline (baseline), if hidden images are counted.
enum class Verdict {
  ok,           ///< everything that the evidence level asks for holds, training too
  ok_unproven,  ///< counts hold, training was not replayed: paid at a lower rate
  size,         ///< file or arrays of another size than the task says
  format,       ///< not a submission
  signature,    ///< unsigned, or not by the key that it names, or a key that is no member's
  replayed,     ///< handed in before, in an earlier round
  late,         ///< of another round or task, or after another one by which the round examined the member
  spec,         ///< other model, classes, data, hyper-parameters or numerics_version than assigned
  non_finite,   ///< a parameter or statistic is NaN, infinite or above the task's bound, or an answer is
  duplicate,    ///< the same model as another submission of this round, or as the parent
  claim,        ///< recomputed counts differ from the claim
  statistics,   ///< the hidden set refutes the claim
  chain,        ///< the chain does not hang together, a link does not replay, or its state is missing
  baseline,     ///< not better than the baseline on the hidden set: accepted work, no pay
  transient     ///< this machine could not audit: try again, no penalty
};

/// "OK", "OK_UNPROVEN", "SIZE", "FORMAT", "SIG", "REPLAYED", "LATE", "SPEC", "NONFINITE", "DUPLICATE",
/// "CLAIM", "STAT", "CHAIN", "BASELINE", "TRANSIENT".
std::string_view name_of(Verdict verdict);
/// Throws DataError with the nearest name.
Verdict verdict_from_name(std::string_view name);

/// True for verdicts whose model may enter a merge (ok, ok_unproven, baseline).
bool may_merge(Verdict verdict);
/// True for verdicts that may be paid (ok, ok_unproven).
bool may_be_paid(Verdict verdict);
/// True for verdicts that only a cheat or a broken program explains: stake is lost.
bool is_fault(Verdict verdict);

/// What is asked of a submission, each with all that the one before asks for.
enum class Evidence {
  claim,   ///< the claimed counts are counted again, on the member's validation images
  hidden,  ///< and fresh images of the hidden set, which must exist, may not refute the claim
  replay   ///< and parts of the training are done again; hidden images count where there is a set
};
std::string_view name_of(Evidence evidence);
Evidence evidence_from_name(std::string_view name);

}  // namespace cohort::round
