// What paying 100,000 participants costs: sharing the pool and building the tree that they claim from. Goal:
// both together under a second.
#include "cohort/round/payout.hpp"

#include <benchmark/benchmark.h>

#include <numeric>

#include "cohort/core/keccak.hpp"
#include "cohort/core/philox.hpp"
#include "cohort/round/apportionment.hpp"

namespace {

using namespace cohort;
using namespace cohort::round;

/// A pool of a hundred million ether, so that products need more than 128 bits.
Amount pool() {
  return Amount::from_decimal("100000000000000000000000000");
}

std::vector<identity::PublicKey> keys(std::int64_t count) {
  std::vector<identity::PublicKey> result;
  for (std::int64_t i = 0; i < count; ++i)
    result.push_back(Sha256().update_u64(static_cast<std::uint64_t>(i)).finish());
  return result;
}

std::vector<Claimant> claimants(std::span<const identity::PublicKey> keys) {
  RandomSequence random(0, Stream::test_inputs, 0);
  std::vector<Claimant> result;
  for (const identity::PublicKey& key : keys) result.push_back({random.below(1'000'000), tie_break({}, key)});
  return result;
}

std::vector<PayoutValue> values(std::span<const identity::PublicKey> keys, std::span<const Amount> amounts) {
  std::vector<PayoutValue> result;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    PayoutValue value{{}, amounts[i]};
    std::copy_n(keys[i].begin(), value.account.size(), value.account.begin());
    result.push_back(value);
  }
  return result;
}

void keccak(benchmark::State& state) {
  const std::vector<std::byte> message(64);
  for (auto _ : state) benchmark::DoNotOptimize(keccak256(message));
}

void apportionment(benchmark::State& state) {
  const auto members = keys(state.range(0));
  const auto sharing = claimants(members);
  for (auto _ : state) benchmark::DoNotOptimize(apportion(pool(), sharing));
}

/// From keys and weights to the root: ties, shares, leaves, tree.
void payout(benchmark::State& state) {
  const auto members = keys(state.range(0));
  for (auto _ : state) {
    const auto shares = apportion(pool(), claimants(members));
    benchmark::DoNotOptimize(PayoutTree(values(members, shares)).root());
  }
}

void payout_file(benchmark::State& state) {
  const auto members = keys(state.range(0));
  const PayoutTree tree(values(members, apportion(pool(), claimants(members))));
  for (auto _ : state) benchmark::DoNotOptimize(PayoutTree::load(tree.dump()).root());
}

BENCHMARK(keccak);
BENCHMARK(apportionment)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(payout)->Arg(100'000)->Unit(benchmark::kMillisecond);
BENCHMARK(payout_file)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
