// A group of ranks and the collectives that training needs. Every method that says Collective must be called
// by all ranks of the group, in the same order, with the same counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort::comm {

/// An MPI call failed; the message names the collective.
class CommError : public Error {
 public:
  using Error::Error;
};

/// Every rank of the group throws this, with the same words (see agree.hpp).
class AgreedError : public Error {
 public:
  using Error::Error;
};

/// A group of ranks that may speak to one another; owns its MPI communicator.
///
/// Throws  CommError from every collective that MPI refuses; std::logic_error while a Guard lives.
class Communicator {
 public:
  /// A duplicate of all ranks of the job. Collective.
  static Communicator world();
  /// This process alone; needs no MPI session, so that subcommands without training run anywhere.
  static Communicator self();

  ~Communicator();
  Communicator(Communicator&&) noexcept;
  Communicator& operator=(Communicator&&) noexcept;

  /// This process within the group, from 0 to ranks() - 1; the root is 0.
  [[nodiscard]] int rank() const;
  [[nodiscard]] int ranks() const;
  [[nodiscard]] bool is_root() const { return rank() == 0; }

  /// Ranks of equal colour form a new group, ordered by rank. Collective.
  Communicator split(int colour);

  /// Integer sums commute: the result cannot depend on the rank count or the algorithm. Collective.
  void sum(std::span<std::int64_t> values);
  /// The sum, least or greatest of all ranks' values, on every rank. Collective.
  std::int64_t sum(std::int64_t value);
  std::int64_t min(std::int64_t value);
  std::int64_t max(std::int64_t value);

  /// Replaces `values` on all ranks by those of `root`; any size (chunked below 2^31 bytes). Collective.
  void broadcast(std::span<std::byte> values, int root = 0);
  template <typename T>
  void broadcast(std::span<T> values, int root = 0) {
    broadcast(std::as_writable_bytes(values), root);
  }
  /// The text of `root`, of any length (in pieces, as above). Collective.
  std::string broadcast(std::string_view text, int root = 0);

  /// Every rank gives `mine`, every rank gets all, in rank order. Collective. Throws CommError, alike on all
  /// ranks, when the texts of several ranks together hold 2 GiB (2^31 bytes) or more.
  std::vector<std::string> all_gather(std::string_view mine);
  std::vector<std::int64_t> all_gather(std::int64_t mine);
  /// `values` is divided among ranks by `offsets` (ranks+1 ascending element positions); each rank's own part
  /// is valid on entry, all parts on return. Collective.
  void all_gather_parts(std::span<float> values, std::span<const std::int64_t> offsets);
  void all_gather_parts(std::span<double> values, std::span<const std::int64_t> offsets);

  /// Exact reduce-scatter: on return, own part [offsets[rank], offsets[rank+1]) of `values` holds the sum
  /// over all ranks; other parts are unspecified. Ranks exchange parts pairwise and add locally. Collective.
  /// Cost: each rank sends and receives (ranks-1)/ranks of values.size() * 8 bytes; scratch of 2 MiB.
  void reduce_scatter_parts(std::span<std::int64_t> values, std::span<const std::int64_t> offsets);

  /// While the returned guard lives, every collective of this communicator throws std::logic_error.
  class Guard;
  [[nodiscard]] Guard forbid_collectives();

 private:
  struct State;
  explicit Communicator(std::unique_ptr<State> state);
  void enter(const char* name) const;
  template <typename T>
  void gather_parts(std::span<T> values, std::span<const std::int64_t> offsets);
  std::unique_ptr<State> state_;
};

/// Counts itself while it lives; see forbid_collectives.
class Communicator::Guard {
 public:
  explicit Guard(int& depth) : depth_(&depth) { ++*depth_; }
  ~Guard() { --*depth_; }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  int* depth_;
};

/// Cuts `count` elements into `parts` ranges whose ends lie on `boundaries` (ascending, from 0 to count), as
/// evenly as those allow; the result has parts+1 positions. A range may be empty.
std::vector<std::int64_t> cut_at_boundaries(std::span<const std::int64_t> boundaries, int parts);

}  // namespace cohort::comm
