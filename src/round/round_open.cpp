// What a run of rounds begins from: its folder, the rounds that are done, and their models.
#include <algorithm>
#include <filesystem>
#include <optional>

#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/hidden_set.hpp"
#include "cohort/round/needs.hpp"
#include "cohort/round/shared_model.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/parsed_text.hpp"
#include "round/json_differences.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

/// Whether an ordinary training has left checkpoints: rounds would replace them.
bool holds_ordinary_run(const fs::path& run) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(run / "checkpoints", error))
    if (entry.path().extension() == ".h5") return true;
  return false;
}

/// Nothing is lost with a damaged record: all that it says follows from what the round has kept.
RoundRecord read_whole_record(const fs::path& path) {
  try {
    return read_record(path);
  } catch (const DataError& e) {
    throw DataError(concat(e.what(),
                           "; remove it and repeat the command: the round is ended again from what its "
                           "candidates have kept"));
  }
}

/// The newest round's model also lies where other commands look for the run's. There it is put back when it
/// was lost, is damaged, or comes from a round that was not finished.
void put_back_newest(const fs::path& model, const fs::path& last, const nn::StateLayout& layout,
                     const Digest& expected, Log& log) {
  std::string reason;
  try {
    static_cast<void>(stored_model(last, layout, expected));
    return;
  } catch (const Error& e) {
    reason = e.what();
  }
  static_cast<void>(stored_model(model, layout, expected));
  fs::create_directories(last.parent_path());
  store::write_atomically(last, [&](const fs::path& temporary) {
    fs::copy_file(model, temporary, fs::copy_options::overwrite_existing);
  });
  log.warning(concat(last.string(), " was not the model of the last round that is done: put back from ",
                     model.string(), " (", reason, ")"));
}

/// The round that an event tells of; nothing for a line that is not a whole event.
std::optional<std::int64_t> round_of(const std::string& line) {
  try {
    return Json::parse(line).at("round").as_int();
  } catch (const DataError&) {
    return std::nullopt;
  }
}

/// Events of rounds that are not done: their ending, which comes again, appends them anew. Half lines go,
/// too.
void cut_events(const fs::path& metrics, std::int64_t rounds) {
  if (!fs::exists(metrics)) return;
  const std::string text = store::read_text(metrics);
  std::string kept;
  for (const std::string& line : split(text, '\n'))
    if (const auto round = round_of(line); round && *round <= rounds) kept += line + "\n";
  if (kept != text) store::write_text_atomically(metrics, kept);
}

/// Of all files in a folder and those inside it; 0 where there is none. What may not be read counts nothing:
/// it is a guess at what is left to write, and no reason to end.
std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code walk, look;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, walk);
  for (; !walk && at != fs::recursive_directory_iterator(); at.increment(walk)) {
    const std::uintmax_t size = at->is_regular_file(look) ? at->file_size(look) : 0;
    if (!look) bytes += size;
  }
  return bytes;
}

std::string mebibytes(std::uint64_t bytes) {
  return concat((bytes + (1U << 20) - 1) >> 20, " MiB");
}

}  // namespace

void RoundRun::open() {
  on_root("open the run folder", [&] { open_folder(); });
  Json all = Json::array();
  for (const RoundRecord& record : start_.records) all.push(to_json(record));
  const Json shared = Json::parse(world_.broadcast(all.dump()));
  start_.records.clear();
  for (const Json& record : shared.as_array()) start_.records.push_back(record_from_json(record));
  comm::agree(world_, "look for the run folder (it must lie on a file system that all ranks see)", [&] {
    if (!fs::exists(paths_.task())) throw Error(concat(paths_.task().string(), " is not there"));
  });
  if (world_.ranks() > 1)
    stop_.share(paths_.stop_mark(), world_.broadcast(to_hex(identity::random_digest())));
  stays_open_ = world_.max(stays_open_ ? 1 : 0) > 0;
  if (stays_open_) return;
  load_models();
  const auto done = static_cast<std::int64_t>(start_.records.size());
  on_root("write the status", [&] { status_->say(status("running", std::min(done + 1, task_.rounds))); });
  log_.info(start_.records.empty() ? std::string("rounds none done yet, starting")
                                   : concat("rounds ", done, " of ", task_.rounds, " are done, continuing"));
}

/// On the root. What refuses comes before anything is written but the folder and its lock.
void RoundRun::open_folder() {
  folder_.emplace(execution_.out);
  status_.emplace(*folder_);
  const bool is_new = !fs::exists(paths_.task());
  refuse_another_run(is_new);
  const fs::path ledger = ledger_of(paths_.ledger(), coordinator_.ledger);
  refuse_spent_hidden_set(ledger);
  for (std::int64_t round = 1; round <= task_.rounds && fs::exists(paths_.record(round)); ++round)
    start_.records.push_back(read_whole_record(paths_.record(round)));
  const auto done = static_cast<std::int64_t>(start_.records.size());
  refuse_small_disk(done + 1);
  log_.open_file((execution_.out / "log.txt").string());
  folder_->describe(description_.config_toml, description_.environment, description_.command);
  if (hidden_ != nullptr && !coordinator_.ledger.empty()) share_ledger(paths_.ledger(), ledger, *hidden_);
  if (is_new) store::write_text_atomically(paths_.task(), to_json(task_).dump(1) + "\n");
  fs::remove(paths_.stop_mark());
  if (done > 0) fs::remove_all(paths_.findings(done));
  cut_events(execution_.out / "metrics.jsonl", done);
  if (coordinator_.keys.empty()) open_to_members(done + 1);
}

/// Better now than in the middle of a round's training; what the round has kept already counts.
void RoundRun::refuse_small_disk(std::int64_t round) const {
  if (round > task_.rounds) return;
  const RoundFiles files = round_files(task_);
  const std::uint64_t needed = files.links + files.others, there = bytes_below(paths_.round(round));
  const std::uint64_t free = store::free_bytes(execution_.out);
  if (needed <= there || needed - there <= free) return;
  throw Error(concat("round ", round, " needs about ", mebibytes(needed - there), " in ",
                     execution_.out.string(), " (", mebibytes(files.links),
                     " of a round are states at links), ", mebibytes(free),
                     " are free; free some space and repeat the command (of rounds whose "
                     "audit is closed candidates/*/links may go), or begin with a larger link_steps"));
}

/// A task that is there stays as it is: whatever differs makes another run.
void RoundRun::refuse_another_run(bool is_new) const {
  const std::string out = execution_.out.string();
  if (is_new) {
    if (holds_ordinary_run(execution_.out))
      throw CheckpointError(
          concat(out, " holds the checkpoints of a training without rounds; choose another --out"));
    if (execution_.resume == train::Resume::must)
      throw UsageError(concat("--resume must, but ", out, " holds no run of rounds"));
    return;
  }
  const std::vector<std::string> lines = json_differences(store::parsed_json(paths_.task()), to_json(task_));
  if (!lines.empty())
    throw CheckpointError(concat(out, " belongs to another task: ", joined(lines, "; "),
                                 ". Repeat the former settings to continue it, or choose another --out"));
  if (execution_.resume == train::Resume::never)
    throw UsageError(concat("--resume never, but ", out, " already holds a run; choose another --out"));
}

/// Better now than after a round's training.
void RoundRun::refuse_spent_hidden_set(const fs::path& file) const {
  if (hidden_ == nullptr) return;
  const HiddenLedger ledger(file, *hidden_);
  std::int64_t needed = 0;
  for (std::int64_t round = 1; round <= task_.rounds; ++round) {
    const std::int64_t asked = hidden_per_round(task_, hidden_->size());
    if (ledger.taken(task_digest_, round) || asked == 0) continue;
    if (fs::exists(paths_.record(round)))
      throw CheckpointError(concat("hidden set: round ", round, " is done, but ", file.string(),
                                   " has no images of it, so that they would be used again; was it lost or "
                                   "replaced? put it back, or choose another --out"));
    needed += asked;
  }
  if (needed > ledger.unspent())
    throw DataError(concat("hidden set: the rounds to come need ", needed, " fresh images, but ",
                           ledger.unspent(), " of ", hidden_->size(), " are unspent (", file.string(),
                           "); use a new hidden set"));
}

Model RoundRun::share(const Model& model, int root) {
  return share_model(world_, layout_, model, root);
}

void RoundRun::load_models() {
  const auto from_root = [this](std::string_view doing, const std::function<Model()>& read) {
    Model model;
    on_root(doing, [&] { model = read(); });
    return share(model, 0);
  };
  start_ = start_after(std::move(start_.records), task_, layout_, paths_, from_root);
  if (start_.records.empty()) return;
  on_root("look for the last round's model", [&] {
    put_back_newest(paths_.model(static_cast<std::int64_t>(start_.records.size())),
                    folder_->checkpoints() / "last.h5", layout_, start_.records.back().model, log_);
  });
}

}  // namespace cohort::round
