#include "federation.hpp"

#include <filesystem>

#include "cohort/comm/agree.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/train/run_folder.hpp"
#include "members_file.hpp"
#include "shell_words.hpp"
#include "train_rounds.hpp"

namespace cohort::app {
namespace {

namespace fs = std::filesystem;

/// A new one, or the one that a founding which did not come to its end has left.
identity::SecretKey secret_of(const fs::path& out) {
  const fs::path file = round::RoundPaths{out}.coordinator_key();
  return fs::exists(file) ? identity::read_key_file(file) : identity::SecretKey::generate();
}

/// The key first: with a task alone, nobody could ever choose what its audits replay.
void write_task(const fs::path& out, const round::Task& task, const identity::SecretKey& secret,
                const train::RunDescription& description) {
  const round::RoundPaths paths{out};
  train::RunFolder folder(out);
  if (fs::exists(paths.task())) refuse_folder_of_rounds(out);
  if (fs::exists(folder.checkpoints()))
    throw CheckpointError(concat(out.string(), " holds a training; choose another --out"));
  if (!fs::exists(paths.coordinator_key())) identity::write_key_file(paths.coordinator_key(), secret);
  folder.describe(description.config_toml, description.environment, description.command);
  folder.write_status(Json::object().set("state", "waiting").set("round", 1).set("rounds", task.rounds));
  store::write_text_atomically(paths.task(), to_json(task).dump(1) + "\n");
}

void say_what_is_next(const fs::path& out, const round::Task& task, Log& log) {
  const round::RoundPaths paths{out};
  const std::string member = task.members.front().name;
  log.result(concat("task   sha256:", to_hex(task_digest(task))));
  log.info(concat("wrote  ", paths.task().string(), ", for all members; keep ",
                  paths.coordinator_key().string(), " secret"));
  log.info(concat("next   a member: cohort contribute task.json --member ",
                  shell_word(std::string_view(member)), " --key FILE --data FILE.h5 --round 1 --out DIR"));
  log.info(concat("       then: cohort coordinate ", shell_word(out), " --round 1 --take ",
                  shell_word(std::string_view(member)), "=DIR ..."));
}

}  // namespace

ExitCode found_federation(Context& context, const train::Job& job, const RoundOptions& options,
                          const data::Dataset& dataset, const train::RunDescription& description) {
  if (context.comm.ranks() > 1)
    throw comm::AgreedError(
        "members: only their task is written, which is one process's work: run it without mpirun",
        ExitCode::usage);
  const identity::SecretKey secret = comm::agree(context.comm, "make the coordinator's secret",
                                                 [&] { return secret_of(job.execution.out); });
  const round::Registration registration = comm::agree(context.comm, "read who takes part", [&] {
    refuse_folder_of_rounds(job.execution.out);
    return round::Registration{read_members(options.members), identity::secret_commitment(secret.seed()),
                               identity::random_digest()};
  });
  const RoundsPlan plan = plan_rounds(context.comm, job, options, dataset, registration);
  say_task(plan.task, plan.partition, context.log);
  if (job.execution.dry_run) {
    context.log.result("dry run: nothing was written");
    return ExitCode::finished;
  }
  comm::agree(context.comm, "write the task",
              [&] { write_task(job.execution.out, plan.task, secret, description); });
  say_what_is_next(job.execution.out, plan.task, context.log);
  return ExitCode::finished;
}

}  // namespace cohort::app
