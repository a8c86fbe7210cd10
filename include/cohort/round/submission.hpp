// What a candidate hands in: model, claim, hyper-parameters and the chain of its states, signed; one HDF5
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cohort/core/aligned_buffer.hpp"
#include "cohort/core/digest.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/round/verdict.hpp"
#include "cohort/store/hostile_reader.hpp"
#include "cohort/train/metrics.hpp"
#include "cohort/train/state.hpp"

namespace cohort::round {

/// Integer counts and the data that they were counted on.
struct Claim {
  std::int64_t correct = 0, samples = 0;
  std::vector<std::int64_t> confusion;  ///< [truth][prediction], classes * classes
  Digest data{};                        ///< data::Dataset::subset_digest of the samples, in ascending order
};

/// The state after one link, and the running hash over all links up to it.
struct ChainLink {
  std::int64_t step = 0;  ///< steps of the round done
  Digest state{};         ///< train::state_digest
  Digest chain{};
};

/// SHA-256("cohort/chain/v1\0" ‖ round digest ‖ key ‖ seed ‖ parent model ‖ state before the first step).
Digest chain_start(const Digest& round, const identity::PublicKey& key, const Digest& seed,
                   const Digest& parent, const Digest& first_state);
/// SHA-256("cohort/link/v1\0" ‖ previous ‖ u64 step ‖ state).
Digest chain_next(const Digest& previous, std::int64_t step, const Digest& state);

/// SHA-256 over parameters and statistics in canonical form ("cohort-model" first).
Digest model_digest(const nn::StateLayout& layout, std::span<const float> parameters,
                    std::span<const float> statistics);

struct SubmissionHeader {
  int format_version = 1;
  int numerics_version = 0;
  Digest task{};
  std::int64_t round = 0;
  std::string member;  ///< name in the task's list, "device-03"
  identity::PublicKey key{};
  Digest parent{};  ///< model_digest of the round's starting model
  Digest model{};   ///< model_digest of what is handed in
  Claim claim;
  std::vector<std::pair<std::string, std::string>> recipe;  ///< train::recipe_text, as trained
  std::vector<ChainLink> chain;                             ///< first = start (step 0), then one per link
};

struct Submission {
  SubmissionHeader header;
  AlignedBuffer<float> parameters, statistics;
  std::optional<identity::Signature> signature;
};

/// The header as canonical JSON text (one line without spaces, members in the order above): what is stored
/// and signed. Throws DataError for a header that header_from_text would refuse.
std::string header_text(const SubmissionHeader& header);
/// The inverse, of exactly such texts. Throws DataError naming what is missing or out of bounds. Bounds:
/// 10,000 links, 1,000 recipe entries, 1,024 classes, names of 100 bytes, values of 1,000; printable text
/// alone.
SubmissionHeader header_from_text(std::string_view text);

/// SHA-256("cohort/submission/v1\0" ‖ length and bytes of the header text): with the model's digest in the
/// header it covers the logical tensors, never the file's bytes.
Digest submission_digest(const SubmissionHeader& header);

/// Signs submission_digest. Throws UsageError unless the header names this key.
void sign(Submission& submission, const identity::SecretKey& key);
/// Whether there is a signature, by the key that the header names, over this header.
bool is_signed(const Submission& submission);

/// Writes atomically: /header (u8), /signature (u8, 64 or 1 zero byte when unsigned),
/// /parameters/<tensor>, /statistics/<tensor> (f32, canonical). No attributes. Throws Error.
void save_submission(const std::filesystem::path& path, const nn::StateLayout& layout,
                     const Submission& submission);

/// A stranger's file as far as it could be read: verdict ok (form holds, digest of the tensors equals the
/// header's), format, size, non_finite (or a running variance below 0), or transient (no file, or this
/// machine could not read it). The signature is not looked at.
struct ReadSubmission {
  Verdict verdict = Verdict::ok;
  std::string detail;
  std::optional<Submission> submission;
};
/// `layout` is the task's, never the file's. Not collective.
ReadSubmission read_submission(const std::filesystem::path& path, const nn::StateLayout& layout,
                               const store::HostileLimits& limits = {});

/// The whole submission as one line of text and back without loss: "cohort-submission-v1:" and base64url of
/// header, tensors, signature and a SHA-256 over them. decode throws DataError naming what is wrong.
std::string encode(const nn::StateLayout& layout, const Submission& submission);
Submission decode(std::string_view text, const nn::StateLayout& layout);

/// A state at a link, kept by content: <folder>/<state digest>.h5, the same kind of file
/// (/header with step and slot names, /parameters, /statistics, /slots/<name>/…, /ema/…).
std::filesystem::path link_path(const std::filesystem::path& folder, const Digest& state);
/// Does nothing when the file is there already. Throws Error.
void save_link(const std::filesystem::path& folder, const nn::StateLayout& layout,
               const train::FullState& state, const Digest& digest);
/// `like` gives the expected slots and whether there is an EMA. The digest is recomputed.
struct ReadLink {
  Verdict verdict = Verdict::ok;  ///< ok; chain (missing, of another digest or form); transient
  std::string detail;
  train::FullState state;
};
ReadLink read_link(const std::filesystem::path& folder, const nn::StateLayout& layout,
                   const train::FullState& like, const Digest& digest,
                   const store::HostileLimits& limits = {});

}  // namespace cohort::round
