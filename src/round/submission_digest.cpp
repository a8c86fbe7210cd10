// What is signed and chained.
#include "cohort/core/error.hpp"
#include "cohort/round/submission.hpp"

namespace cohort::round {

Digest chain_start(const Digest& round, const identity::PublicKey& key, const Digest& seed,
                   const Digest& parent, const Digest& first_state) {
  Sha256 hash = tagged_sha256("cohort/chain/v1");
  for (const auto& field : {round, key, seed, parent, first_state})
    hash.update(std::as_bytes(std::span(field)));
  return hash.finish();
}

Digest chain_next(const Digest& previous, std::int64_t step, const Digest& state) {
  Sha256 hash = tagged_sha256("cohort/link/v1");
  return hash.update(std::as_bytes(std::span(previous)))
      .update_u64(static_cast<std::uint64_t>(step))
      .update(std::as_bytes(std::span(state)))
      .finish();
}

Digest model_digest(const nn::StateLayout& layout, std::span<const float> parameters,
                    std::span<const float> statistics) {
  Sha256 hash;
  hash.update_field("cohort-model");
  nn::update_digest(hash, layout.parameters, parameters);
  nn::update_digest(hash, layout.statistics, statistics);
  return hash.finish();
}

Digest submission_digest(const SubmissionHeader& header) {
  return tagged_sha256("cohort/submission/v1").update_field(header_text(header)).finish();
}

void sign(Submission& submission, const identity::SecretKey& key) {
  if (submission.header.key != key.public_key())
    throw UsageError("sign a submission: it names another key than the one that is to sign it");
  const Digest digest = submission_digest(submission.header);
  submission.signature = key.sign(std::as_bytes(std::span(digest)));
}

bool is_signed(const Submission& submission) {
  if (!submission.signature) return false;
  const Digest digest = submission_digest(submission.header);
  return identity::verify(submission.header.key, std::as_bytes(std::span(digest)), *submission.signature);
}

}  // namespace cohort::round
