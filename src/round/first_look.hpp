// What a first look says against a submission. Not part of the module's public face.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cohort/round/audit.hpp"

namespace cohort::round {

/// A verdict with its reason; nothing when all is well.
using Objection = std::optional<std::pair<Verdict, std::string>>;

/// What speaks against taking a header as an account of the work that the subject's member was assigned:
/// another member, task, round or recipe, or a chain that does not hang together from the round's model on.
/// Who has signed it, and whether its model and claim are good, is not asked.
Objection object_to_account(const SubmissionHeader& header, const AuditCase& audit,
                            const AuditSubject& subject, const train::Recipe& recipe,
                            const nn::StateLayout& layout);

}  // namespace cohort::round
