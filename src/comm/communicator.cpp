#include "cohort/comm/communicator.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>

#include "cohort/core/text.hpp"
#include "comm/mpi_state.hpp"

namespace cohort::comm {
namespace {

// MPI counts with int; larger buffers travel in pieces of this many bytes.
constexpr std::size_t kLargestMessage_bytes = std::size_t{1} << 30;

std::int64_t reduce_one(MPI_Comm handle, std::int64_t value, MPI_Op operation, std::string_view name) {
  check(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, operation, handle), name);
  return value;
}

}  // namespace

void check(int code, std::string_view collective) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> words{};
  int length = 0;
  if (MPI_Error_string(code, words.data(), &length) != MPI_SUCCESS) length = 0;
  const std::string_view text(words.data(), static_cast<std::size_t>(length));
  throw CommError(concat(collective, ": ", text.empty() ? "MPI failed" : text));
}

Communicator::State::State(MPI_Comm owned) : handle(owned) {
  check(MPI_Comm_set_errhandler(handle, MPI_ERRORS_RETURN), "set error handler");
  check(MPI_Comm_rank(handle, &rank), "rank");
  check(MPI_Comm_size(handle, &ranks), "ranks");
}

Communicator::State::~State() {
  // Collective in name, local in practice (MPI 3.1, 6.4.3); still not attempted when this rank may be the
  // only one here, nor after the end of MPI.
  if (handle == MPI_COMM_NULL || std::uncaught_exceptions() > 0) return;
  int is_finalized = 0;
  if (MPI_Finalized(&is_finalized) == MPI_SUCCESS && is_finalized == 0) MPI_Comm_free(&handle);
}

Communicator::Communicator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Communicator::~Communicator() = default;
Communicator::Communicator(Communicator&&) noexcept = default;
Communicator& Communicator::operator=(Communicator&&) noexcept = default;

Communicator Communicator::world() {
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(MPI_COMM_WORLD, &copy), "duplicate world");
  return Communicator(std::make_unique<State>(copy));
}

Communicator Communicator::self() {
  return Communicator(std::make_unique<State>());
}

int Communicator::rank() const {
  return state_->rank;
}
int Communicator::ranks() const {
  return state_->ranks;
}

void Communicator::enter(const char* name) const {
  if (state_->forbidden_depth > 0) {
    throw std::logic_error(concat(name, ": a collective was called inside local work"));
  }
}

Communicator::Guard Communicator::forbid_collectives() {
  return Guard(state_->forbidden_depth);
}

Communicator Communicator::split(int colour) {
  enter("split");
  if (state_->handle == MPI_COMM_NULL) return self();
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(state_->handle, colour, state_->rank, &part), "split");
  return Communicator(std::make_unique<State>(part));
}

void Communicator::sum(std::span<std::int64_t> values) {
  enter("sum");
  if (state_->is_alone()) return;
  constexpr std::size_t largest = kLargestMessage_bytes / sizeof(std::int64_t);
  while (!values.empty()) {
    const auto piece = values.first(std::min(values.size(), largest));
    check(MPI_Allreduce(MPI_IN_PLACE, piece.data(), static_cast<int>(piece.size()), MPI_INT64_T, MPI_SUM,
                        state_->handle),
          "sum");
    values = values.subspan(piece.size());
  }
}

std::int64_t Communicator::sum(std::int64_t value) {
  enter("sum");
  return state_->is_alone() ? value : reduce_one(state_->handle, value, MPI_SUM, "sum");
}

std::int64_t Communicator::min(std::int64_t value) {
  enter("min");
  return state_->is_alone() ? value : reduce_one(state_->handle, value, MPI_MIN, "min");
}

std::int64_t Communicator::max(std::int64_t value) {
  enter("max");
  return state_->is_alone() ? value : reduce_one(state_->handle, value, MPI_MAX, "max");
}

void Communicator::broadcast(std::span<std::byte> values, int root) {
  enter("broadcast");
  if (state_->handle == MPI_COMM_NULL) {
    require(root == 0, "broadcast: a process alone has no rank but 0");
    return;
  }
  do {  // once even without bytes, so that MPI judges the root
    const auto piece = values.first(std::min(values.size(), kLargestMessage_bytes));
    check(MPI_Bcast(piece.data(), static_cast<int>(piece.size()), MPI_BYTE, root, state_->handle),
          "broadcast");
    values = values.subspan(piece.size());
  } while (!values.empty());
}

std::string Communicator::broadcast(std::string_view text, int root) {
  auto size = static_cast<std::int64_t>(text.size());
  broadcast(std::span(&size, 1), root);
  std::string received(static_cast<std::size_t>(size), '\0');
  if (state_->rank == root) received = text;
  broadcast(std::span(received), root);
  return received;
}

std::vector<std::int64_t> Communicator::all_gather(std::int64_t mine) {
  enter("all_gather");
  std::vector<std::int64_t> all(static_cast<std::size_t>(state_->ranks), mine);
  if (state_->is_alone()) return all;
  check(MPI_Allgather(&mine, 1, MPI_INT64_T, all.data(), 1, MPI_INT64_T, state_->handle), "all_gather");
  return all;
}

std::vector<std::string> Communicator::all_gather(std::string_view mine) {
  enter("all_gather");
  const std::vector<std::int64_t> sizes = all_gather(static_cast<std::int64_t>(mine.size()));
  std::vector<std::string> all;
  for (const std::int64_t size : sizes) all.emplace_back(static_cast<std::size_t>(size), '\0');
  all[static_cast<std::size_t>(state_->rank)] = mine;
  if (state_->is_alone()) return all;

  std::vector<int> counts;
  std::vector<int> places;
  std::int64_t total = 0;
  for (const std::int64_t size : sizes) {
    if (total + size > std::numeric_limits<int>::max()) throw CommError("all_gather: the texts exceed 2 GiB");
    counts.push_back(static_cast<int>(size));
    places.push_back(static_cast<int>(total));
    total += size;
  }
  std::string joined(static_cast<std::size_t>(total), '\0');
  check(MPI_Allgatherv(mine.data(), static_cast<int>(mine.size()), MPI_CHAR, joined.data(), counts.data(),
                       places.data(), MPI_CHAR, state_->handle),
        "all_gather");
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].assign(joined, static_cast<std::size_t>(places[i]), static_cast<std::size_t>(counts[i]));
  }
  return all;
}

}  // namespace cohort::comm
