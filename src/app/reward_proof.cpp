// cohort reward proof: what a claimant hands to the contract.
#include "cohort/core/error.hpp"
#include "cohort/core/json.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/payout.hpp"
#include "cohort/store/parsed_text.hpp"
#include "reward_actions.hpp"

namespace cohort::app {
namespace {

std::string hex_of(const Digest& hash) {
  return concat("0x", to_hex(hash));
}

}  // namespace

void prove_payout(const std::filesystem::path& payout, const round::Address& account, Log& log) {
  const round::PayoutTree tree = store::parsed_text(payout, round::PayoutTree::load);
  Json claims = Json::array();
  for (std::size_t i = 0; i < tree.values().size(); ++i) {
    const round::PayoutValue& value = tree.values()[i];
    if (value.account != account) continue;
    const std::vector<Digest> siblings = tree.proof(i);
    require(is_proof(tree.root(), value, siblings), "payout: a proof that does not lead to the root");
    Json proof = Json::array();
    for (const Digest& sibling : siblings) proof.push(hex_of(sibling));
    claims.push(Json::object()
                    .set("value", Json::array().push(round::to_text(account)).push(value.amount.to_decimal()))
                    .set("leaf", hex_of(leaf_of(value)))
                    .set("proof", std::move(proof))
                    .set("root", hex_of(tree.root())));
  }
  const Json::Array& found = claims.as_array();
  if (found.empty())
    throw DataError(concat(payout.string(), ": no leaf for ", round::to_text(account), " among its ",
                           tree.values().size()));
  // This program writes one leaf for each address; other tools may write several.
  log.result(found.size() == 1 ? found.front().dump(2) : claims.dump(2));
}

}  // namespace cohort::app
