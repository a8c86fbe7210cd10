#include "cohort/round/payout.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/keccak.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kFormat = "standard-v1";

Digest node_of(const Digest& a, const Digest& b) {
  std::array<std::uint8_t, 64> pair{};
  const auto& [small, large] = std::minmax(a, b);
  std::copy(small.begin(), small.end(), pair.begin());
  std::copy(large.begin(), large.end(), pair.begin() + 32);
  return keccak256(std::as_bytes(std::span(pair)));
}

std::string hex_of(const Digest& hash) {
  return "0x" + to_hex(hash);
}

Digest hash_from(const Json& json) {
  const std::string& text = json.as_string();
  if (!text.starts_with("0x"))
    throw DataError(concat("payout: hash '", text.substr(0, 80), "' lacks its 0x"));
  return digest_from_hex(std::string_view(text).substr(2));
}

PayoutValue value_from(const Json& json) {
  const auto& pair = json.at("value").as_array();
  if (pair.size() != 2) throw DataError("payout: a value is not a pair of address and amount");
  return {address_from_text(pair[0].as_string()), Amount::from_decimal(pair[1].as_string())};
}

}  // namespace

Digest leaf_of(const PayoutValue& value) {
  std::array<std::uint8_t, 64> encoded{};
  std::copy(value.account.begin(), value.account.end(), encoded.begin() + 12);
  const auto amount = value.amount.to_bytes();
  std::copy(amount.begin(), amount.end(), encoded.begin() + 32);
  // Twice, so that no inner node's 64 bytes can pass for a leaf.
  const Digest once = keccak256(std::as_bytes(std::span(encoded)));
  return keccak256(std::as_bytes(std::span(once)));
}

PayoutTree::PayoutTree(std::vector<PayoutValue> values)
    : values_(std::move(values)), places_(values_.size()) {
  const std::size_t n = values_.size();
  if (n == 0) throw UsageError("payout: nobody to pay, so there is no tree");
  std::vector<Digest> leaves;
  leaves.reserve(n);
  for (const PayoutValue& value : values_) leaves.push_back(leaf_of(value));
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return leaves[a] < leaves[b]; });
  // Leaves in ascending order fill the array from its end.
  tree_.resize(2 * n - 1);
  for (std::size_t j = 0; j < n; ++j) {
    places_[order[j]] = 2 * n - 2 - j;
    tree_[2 * n - 2 - j] = leaves[order[j]];
  }
  for (std::size_t i = n - 1; i-- > 0;) tree_[i] = node_of(tree_[2 * i + 1], tree_[2 * i + 2]);
}

std::vector<Digest> PayoutTree::proof(std::size_t value) const {
  require(value < values_.size(), "payout: proof of a value that is not there");
  std::vector<Digest> siblings;
  for (std::size_t i = places_[value]; i > 0; i = (i - 1) / 2)
    siblings.push_back(tree_[i % 2 == 1 ? i + 1 : i - 1]);
  return siblings;
}

bool is_proof(const Digest& root, const PayoutValue& value, std::span<const Digest> proof) {
  Digest hash = leaf_of(value);
  for (const Digest& sibling : proof) hash = node_of(hash, sibling);
  return hash == root;
}

std::string PayoutTree::dump() const {
  Json tree = Json::array(), values = Json::array();
  for (const Digest& hash : tree_) tree.push(hex_of(hash));
  for (std::size_t i = 0; i < values_.size(); ++i)
    values.push(Json::object()
                    .set("value",
                         Json::array().push(to_text(values_[i].account)).push(values_[i].amount.to_decimal()))
                    .set("treeIndex", static_cast<std::uint64_t>(places_[i])));
  return Json::object()
      .set("format", kFormat)
      .set("leafEncoding", Json::array().push("address").push("uint256"))
      .set("tree", std::move(tree))
      .set("values", std::move(values))
      .dump(1);
}

PayoutTree PayoutTree::load(std::string_view text) {
  const Json json = Json::parse(text);
  if (json.at("format").as_string() != kFormat)
    throw DataError(concat("payout: format '", json.at("format").as_string(), "', expected ", kFormat));
  const auto& encoding = json.at("leafEncoding").as_array();
  if (encoding.size() != 2 || encoding[0].as_string() != "address" || encoding[1].as_string() != "uint256")
    throw DataError("payout: leaves of another encoding than address, uint256");
  const auto& values = json.at("values").as_array();
  if (values.empty()) throw DataError("payout: no values");
  std::vector<PayoutValue> parsed;
  for (const Json& value : values) parsed.push_back(value_from(value));
  PayoutTree result(std::move(parsed));
  const auto& tree = json.at("tree").as_array();
  if (tree.size() != result.tree_.size())
    throw DataError(concat("payout: a tree of ", tree.size(), " hashes, expected ", result.tree_.size()));
  for (std::size_t i = 0; i < tree.size(); ++i)
    if (hash_from(tree[i]) != result.tree_[i])
      throw DataError(concat("payout: hash ", i, " of the tree does not follow from the values"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t place = values[i].at("treeIndex").as_uint();
    // Equal values may share their places in another order.
    if (place >= tree.size() || place < values.size() - 1 ||
        result.tree_[place] != leaf_of(result.values_[i]))
      throw DataError(concat("payout: value ", i, " is not at place ", place, " of the tree"));
    result.places_[i] = place;
  }
  return result;
}

}  // namespace cohort::round
