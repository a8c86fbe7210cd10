// A payout that members claim one by one from a contract: OpenZeppelin's StandardMerkleTree of (address,
// amount), format "standard-v1".
//
// A leaf is keccak256(keccak256(address, padded to 32 bytes ‖ amount, 32 bytes big-endian)); a node is
// keccak256 of its children, the smaller first. In a contract: MerkleProof.verify(proof, root,
// keccak256(bytes.concat(keccak256(abi.encode(account, amount))))).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/round/address.hpp"
#include "cohort/round/amount.hpp"

namespace cohort::round {

/// What one account may claim.
struct PayoutValue {
  Address account{};
  Amount amount;
  friend bool operator==(const PayoutValue&, const PayoutValue&) = default;
};

Digest leaf_of(const PayoutValue& value);

class PayoutTree {
 public:
  /// Throws UsageError without values: there is no tree of nothing.
  explicit PayoutTree(std::vector<PayoutValue> values);

  [[nodiscard]] const std::vector<PayoutValue>& values() const { return values_; }
  [[nodiscard]] const Digest& root() const { return tree_.front(); }
  /// The siblings from the value's leaf up to the root.
  [[nodiscard]] std::vector<Digest> proof(std::size_t value) const;

  /// JSON as @openzeppelin/merkle-tree dumps and loads it.
  [[nodiscard]] std::string dump() const;
  /// Throws DataError naming what is wrong; every hash is computed again.
  static PayoutTree load(std::string_view text);

 private:
  std::vector<PayoutValue> values_;
  std::vector<std::size_t> places_;  // of each value's leaf in the tree
  std::vector<Digest> tree_;         // root first; node i has children 2i + 1 and 2i + 2
};

/// What the contract checks.
bool is_proof(const Digest& root, const PayoutValue& value, std::span<const Digest> proof);

}  // namespace cohort::round
