// States at links, kept by content until the audit closes.
#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/strict_json.hpp"
#include "round/submission_arrays.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostLinkHeader = 4096;

bool has_average(const train::FullState& state) {
  return state.ema_parameters.size() > 0;
}

/// All of the header behind the step: which tensors the file holds.
std::string contents_text(const train::FullState& state) {
  std::string slots;
  for (const std::string& name : state.slot_names) slots.append(slots.empty() ? "" : ",").append(quote(name));
  return concat(R"(,"slots":[)", slots, R"(],"ema":)", has_average(state) ? "true" : "false", "}");
}

/// Visits every group of tensors with its buffer, in the order of the file.
template <typename State, typename Visit>
void for_each_group(const nn::StateLayout& layout, State& state, const Visit& visit) {
  visit("parameters", layout.parameters, state.parameters);
  visit("statistics", layout.statistics, state.statistics);
  for (std::size_t slot = 0; slot < state.slots.size(); ++slot)
    visit(concat("slots/", state.slot_names[slot]), layout.parameters, state.slots[slot]);
  if (!has_average(state)) return;
  visit("ema/parameters", layout.parameters, state.ema_parameters);
  visit("ema/statistics", layout.statistics, state.ema_statistics);
}

/// As `like`, with buffers of its own.
train::FullState empty_like(const train::FullState& like, const nn::StateLayout& layout) {
  const auto parameters = static_cast<std::size_t>(layout.parameter_count);
  const auto statistics = static_cast<std::size_t>(layout.statistic_count);
  train::FullState state;
  state.parameters = AlignedBuffer<float>(parameters);
  state.statistics = AlignedBuffer<float>(statistics);
  state.slot_names = like.slot_names;
  for (std::size_t slot = 0; slot < like.slot_names.size(); ++slot) state.slots.emplace_back(parameters);
  if (has_average(like)) {
    state.ema_parameters = AlignedBuffer<float>(parameters);
    state.ema_statistics = AlignedBuffer<float>(statistics);
  }
  return state;
}

/// Throws DataError.
std::int64_t step_from(const std::string& header, const train::FullState& like) {
  Scanner scanner(header, "link state");
  scanner.expect("{", "the beginning");
  scanner.expect_member("step");
  const std::int64_t step = scanner.integer("step", 0, INT64_MAX);
  scanner.expect(contents_text(like), "the list of tensors");
  scanner.expect_end();
  return step;
}

}  // namespace

fs::path link_path(const fs::path& folder, const Digest& state) {
  return folder / concat(to_hex(state), ".h5");
}

void save_link(const fs::path& folder, const nn::StateLayout& layout, const train::FullState& state,
               const Digest& digest) {
  const fs::path path = link_path(folder, digest);
  if (fs::exists(path)) return;
  fs::create_directories(folder);
  store::write_atomically(path, [&](const fs::path& temporary) {
    store::ContainerWriter writer(temporary);
    write_bytes(writer, "header", concat(R"({"step":)", state.step, contents_text(state)));
    for_each_group(
        layout, state,
        [&](const std::string& group, const std::vector<nn::Tensor>& tensors,
            const AlignedBuffer<float>& flat) { write_tensors(writer, group, tensors, flat.span()); });
    writer.close();
  });
}

ReadLink read_link(const fs::path& folder, const nn::StateLayout& layout, const train::FullState& like,
                   const Digest& digest, const store::HostileLimits& limits) {
  ReadLink link;
  link.state = empty_like(like, layout);
  std::vector<store::ExpectedArray> expected{{"header", store::Kind::u8, {}, kMostLinkHeader}};
  for_each_group(layout, link.state,
                 [&](const std::string& group, const std::vector<nn::Tensor>& tensors,
                     const AlignedBuffer<float>&) { expect_tensors(expected, group, tensors); });
  const store::HostileContents contents = store::read_hostile(link_path(folder, digest), expected, limits);
  if (contents.problem != store::HostileProblem::none) {
    const bool is_ours = contents.problem == store::HostileProblem::unreadable ||
                         contents.problem == store::HostileProblem::interrupted;
    return {is_ours ? Verdict::transient : Verdict::chain, contents.detail, {}};
  }
  std::span<const std::vector<std::byte>> arrays = contents.arrays;
  try {
    link.state.step = step_from(take_text(arrays), like);
  } catch (const DataError& e) {
    return {Verdict::chain, e.what(), {}};
  }
  for_each_group(layout, link.state,
                 [&](const std::string&, const std::vector<nn::Tensor>& tensors, AlignedBuffer<float>& flat) {
                   take_tensors(arrays, tensors, flat.span());
                 });
  if (train::state_digest(layout, link.state) != digest)
    return {Verdict::chain, "the state is not the one that its name says", {}};
  return link;
}

}  // namespace cohort::round
