#include "train/run_files.hpp"

#include <exception>

#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "train/resume.hpp"
#include "train/run_text.hpp"

namespace cohort::train {

RunFiles::RunFiles(comm::Communicator& comm, const Job& job, const RunPlan& plan,
                   const RunDescription& description, Log& log)
    : comm_(&comm),
      job_(&job),
      plan_(&plan),
      description_(&description),
      log_(&log),
      exceptions_(std::uncaught_exceptions()) {}

RunFiles::~RunFiles() {
  if (!folder_ || !is_running_ || std::uncaught_exceptions() == exceptions_) return;
  try {
    folder_->write_status(status_json("failed", *job_, *plan_, last_, 0));
  } catch (const std::exception&) {
    // The exception under way says what matters; perhaps the disk is full.
  }
}

void RunFiles::on_root(std::string_view doing, const std::function<void(RunFolder&)>& write) {
  comm::agree(*comm_, doing, [&] {
    if (folder_) write(*folder_);
  });
}

Json RunFiles::event_fields(std::int64_t step, double elapsed_s) const {
  Json fields = Json::object();
  return fields.set("elapsed_s", elapsed_s).set("step", step).set("epoch", plan_->epoch_at(step));
}

std::optional<Checkpoint> RunFiles::open(const data::Dataset& dataset) {
  return comm::agree(*comm_, "open run", [&]() -> std::optional<Checkpoint> {
    if (!comm_->is_root()) return std::nullopt;
    folder_.emplace(job_->execution.out);
    log_->open_file((folder_->path() / "log.txt").string());
    return checkpoint_to_continue(folder_->checkpoints(), *job_, dataset, *log_);
  });
}

void RunFiles::start(const Progress& progress) {
  last_ = progress;
  is_running_ = true;
  on_root("start run", [&](RunFolder& folder) {
    const Counters& counters = progress.counters;
    folder.describe(description_->config_toml, description_->environment, description_->command);
    folder.rewind(progress.history, counters.step);
    Json fields = event_fields(counters.step, counters.elapsed_before_s);
    fields.set("ranks", comm_->ranks()).set("threads", job_->execution.threads);
    folder.event(counters.is_resumed ? "resume" : "start", fields);
    folder.write_status(status_json("running", *job_, *plan_, progress, 0));
  });
}

void RunFiles::epoch(const Progress& progress, const Metrics* metrics, double eta_s) {
  last_ = progress;
  on_root("record validation", [&](RunFolder& folder) {
    folder.event("epoch", epoch_json(progress.history.back(), metrics));
    folder.write_results(progress.history);
    folder.write_status(status_json("running", *job_, *plan_, progress, eta_s));
  });
}

std::string RunFiles::checkpoint(bool is_best, Checkpoint& checkpoint, const nn::StateLayout& layout,
                                 const Progress& progress, double elapsed_s) {
  last_ = progress;
  std::string digest;
  on_root("write checkpoint", [&](RunFolder& folder) {
    if (is_best)
      save_checkpoint(folder.checkpoints() / "best.h5", layout, checkpoint);
    else
      rotate_checkpoint(folder.checkpoints(), layout, checkpoint);
    digest = to_hex(checkpoint.header.state_digest);
    Json fields = event_fields(progress.counters.step, elapsed_s);
    folder.event("checkpoint",
                 fields.set("file", is_best ? "best.h5" : "last.h5").set("state_sha256", digest));
  });
  return comm_->broadcast(digest);
}

void RunFiles::end(const std::string& event, const std::string& state, const Progress& progress,
                   const std::string& digest, double elapsed_s) {
  on_root("end run", [&](RunFolder& folder) {
    Json fields = event_fields(progress.counters.step, elapsed_s);
    folder.event(event, fields.set("state_sha256", digest));
    write_end(folder, state, progress);
  });
  is_running_ = false;
}

void RunFiles::make_up_for_end(const Progress& progress, const std::string& digest) {
  on_root("end run", [&](RunFolder& folder) {
    if (folder.says_ended()) return;
    const Counters& counters = progress.counters;
    log_->info("status.json does not say so: the files of the run are ended anew");
    folder.rewind(progress.history, counters.step);
    if (!folder.has_end_at(counters.step)) {
      Json fields = event_fields(counters.step, counters.elapsed_before_s);
      folder.event("end", fields.set("state_sha256", digest));
    }
    write_end(folder, "finished", progress);
  });
}

void RunFiles::write_end(RunFolder& folder, const std::string& state, const Progress& progress) const {
  folder.write_results(progress.history);
  folder.write_status(status_json(state, *job_, *plan_, progress, 0));
}

}  // namespace cohort::train
