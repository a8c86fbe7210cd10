#include "cohort/identity/commitment.hpp"

#include <algorithm>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::identity {
namespace {

void update(Sha256& hash, const Digest& field) {
  hash.update(std::as_bytes(std::span(field)));
}

}  // namespace

Digest commit(const Commitment& promise, std::string_view tag) {
  Sha256 hash = tagged_sha256(tag);
  update(hash, promise.round);
  update(hash, promise.key);
  update(hash, promise.state_root);
  hash.update_u64(promise.correct).update_u64(promise.samples);
  update(hash, promise.evaluation_root);
  update(hash, promise.salt);
  return hash.finish();
}

Digest round_digest(const Digest& task, std::uint64_t round) {
  Sha256 hash = tagged_sha256("cohort/round/v1");
  update(hash, task);
  return hash.update_u64(round).finish();
}

Digest identity_seed(const Digest& round, const PublicKey& key, const Digest& registration_beacon) {
  Sha256 hash = tagged_sha256("cohort/seed/v1");
  update(hash, round);
  update(hash, key);
  update(hash, registration_beacon);
  return hash.finish();
}

Digest secret_commitment(const Digest& secret) {
  Sha256 hash = tagged_sha256("cohort/secret/v1");
  update(hash, secret);
  return hash.finish();
}

Digest beacon(const Digest& secret, const Digest& round, std::span<const Digest> commitments) {
  std::vector<Digest> sorted(commitments.begin(), commitments.end());
  std::sort(sorted.begin(), sorted.end());
  Sha256 hash = tagged_sha256("cohort/beacon/v1");
  update(hash, secret);
  update(hash, round);
  hash.update_u64(sorted.size());
  for (const Digest& commitment : sorted) update(hash, commitment);
  return hash.finish();
}

std::uint64_t draw_below(const Digest& seed, std::uint64_t index, std::uint64_t bound) {
  if (bound == 0) throw Error("draw_below: the bound is 0");
  std::uint64_t key = 0;
  for (int byte = 7; byte >= 0; --byte) key = key << 8 | seed[static_cast<std::size_t>(byte)];
  return RandomSequence(key, Stream::audit, index).below(bound);
}

}  // namespace cohort::identity
