#include "trained_model.hpp"

#include <optional>
#include <utility>

#include "cohort/core/text.hpp"
#include "cohort/kernels/shapes.hpp"
#include "cohort/kernels/softmax.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/round/sent_model.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/store/container.hpp"
#include "job_file.hpp"
#include "paths.hpp"
#include "shell_words.hpp"

namespace cohort::app {
namespace fs = std::filesystem;

namespace {

/// The folder above the first `submissions` on the way to a file; empty without one.
fs::path above_submissions(const fs::path& file) {
  fs::path above;
  for (const fs::path& part : file.parent_path()) {
    if (part == "submissions") return above;
    above /= part;
  }
  return {};
}

/// <run>/rounds/003 for what lies below <run>/rounds/003/submissions, as the file is spelled or where links
/// lead; empty for other files.
fs::path round_handed_in_to(const fs::path& file) {
  const fs::path round = above_submissions(fs::absolute(file).lexically_normal());
  return round.empty() ? above_submissions(fs::weakly_canonical(file)) : round;
}

/// The same where the round's model lies, which has what a submission leaves to its task; a link from there
/// to what was handed in is none.
fs::path round_of_submission(const fs::path& file) {
  const fs::path round = round_handed_in_to(file);
  const bool has_model =
      !round.empty() && fs::exists(round / "model.h5") && !is_handed_in(round / "model.h5");
  return has_model ? round : fs::path();
}

/// The config.toml that says what a checkpoint was trained on: of its run, also where a member handed it in
/// to one of the run's rounds. Empty where a stranger could have written it.
fs::path config_of(const fs::path& checkpoint) {
  fs::path run = checkpoint.parent_path().parent_path();
  if (const fs::path round = round_handed_in_to(checkpoint); !round.empty()) {
    if (round.parent_path().filename() != "rounds") return {};
    run = round.parent_path().parent_path();
  }
  const fs::path config = run / "config.toml";
  return is_handed_in(config) ? fs::path() : config;
}

/// "3" where rounds made it, which have no epochs: their second line of provenance is "round 3 of task …".
std::string round_of(const train::CheckpointHeader& header) {
  for (const std::string& line : split(header.provenance, '\n'))
    if (line.starts_with("round ") && line.find(" of task ") != std::string::npos)
      return line.substr(6, line.find(" of task ") - 6);
  return {};
}

/// Another whole checkpoint beside a damaged one, or nothing.
std::optional<fs::path> whole_one_beside(const fs::path& damaged) {
  for (const char* name : {"best.h5", "last.h5", "last.prev.h5"}) {
    const fs::path other = damaged.parent_path() / name;
    if (other.filename() == damaged.filename() || !fs::exists(other) || is_handed_in(other)) continue;
    try {
      static_cast<void>(train::read_checkpoint(other));
      return other;
    } catch (const Error&) {
      // Damaged as well, or not to be read.
    }
  }
  return std::nullopt;
}

/// Whether it says itself that it is another kind of file than a checkpoint, and so may be sound.
bool is_of_another_kind(const fs::path& file) {
  try {
    const store::ContainerReader reader(file);
    return reader.has_attribute("/", "format") && reader.text_attribute("/", "format") != "cohort-checkpoint";
  } catch (const Error&) {
    return false;
  }
}

/// A checkpoint of ours, verified; what is damaged is told with what to use in its place.
train::Checkpoint read_whole(const fs::path& file) {
  try {
    return train::read_checkpoint(file);
  } catch (const train::DamagedError& e) {
    if (is_of_another_kind(file)) throw;
    const std::optional<fs::path> other = whole_one_beside(file);
    throw CheckpointError(
        concat("damaged model file: ", e.what(), "; ",
               other ? concat(shell_word(*other), " beside it is whole: name that one")
                     : std::string("no other checkpoint beside it is whole: take it from a copy, or run the "
                                   "command again that made it")));
  }
}

/// What was handed in is a model to work with once its round is done, and not before.
void refuse_before_end(const fs::path& file, const fs::path& round) {
  if (round.empty() && is_handed_in(file))
    throw DataError(concat("read a model from ", file.string(),
                           ": handed in (it lies below a folder 'submissions') to a round that is not done, "
                           "perhaps a stranger's; look at it with: ",
                           command_to_open(file)));
}

/// The model that a member has handed in to a round that is done.
round::Model handed_in_model(const fs::path& file, const nn::StateLayout& layout) {
  refuse_before_end(file, round_of_submission(file));
  round::ReadSubmission read = round::read_submission(file, layout);
  if (read.verdict == round::Verdict::size)
    throw DataError(concat(file.string(), ": is not a model of the task's architecture: ", read.detail));
  if (!read.submission) throw CheckpointError(concat("read a model from ", file.string(), ": ", read.detail));
  return {std::move(read.submission->parameters), std::move(read.submission->statistics)};
}

void put_submission(TrainedModel& trained) {
  round::ReadSubmission read = round::read_submission(trained.file, trained.layout);
  if (!read.submission)
    throw CheckpointError(concat("read a model from ", trained.file.string(), ": ", read.detail));
  trained.checkpoint.header.validated_weights = "raw";
  trained.checkpoint.state.parameters = std::move(read.submission->parameters);
  trained.checkpoint.state.statistics = std::move(read.submission->statistics);
}

}  // namespace

std::span<const float> TrainedModel::parameters() const {
  const bool is_average = checkpoint.header.validated_weights == "ema";
  return is_average ? checkpoint.state.ema_parameters.span() : checkpoint.state.parameters.span();
}

std::span<const float> TrainedModel::statistics() const {
  const bool is_average = checkpoint.header.validated_weights == "ema";
  return is_average ? checkpoint.state.ema_statistics.span() : checkpoint.state.statistics.span();
}

std::string TrainedModel::position(int decimals) const {
  const train::CheckpointHeader& header = checkpoint.header;
  const std::string step = concat("step ", header.step);
  if (const std::string round = round_of(header); !round.empty())
    return concat(step, round_of_submission(file).empty() ? ", model of round " : ", handed in for round ",
                  round);
  return header.epoch > 0 ? concat(step, ", epoch ", format_fixed(header.epoch, decimals)) : step;
}

std::string TrainedModel::text() const {
  return concat(file.string(), " (", position(), ")");
}

fs::path find_checkpoint(const fs::path& run_or_file) {
  require_readable({run_or_file});
  if (!fs::is_directory(run_or_file)) return run_or_file;
  for (const fs::path& folder : {run_or_file / "checkpoints", run_or_file})
    for (const char* name : {"best.h5", "last.h5"}) {
      refuse_unreadable(folder / name);
      if (fs::exists(folder / name)) return folder / name;
    }
  throw DataError(concat("read a model from ", run_or_file.string(),
                         ": it has no checkpoints/best.h5 or checkpoints/last.h5; is it a run folder?"));
}

bool is_handed_in(const fs::path& file) {
  return !round_handed_in_to(file).empty();
}

std::string command_to_open(const fs::path& file) {
  const fs::path task = round_handed_in_to(file).parent_path().parent_path() / "task.json";
  return concat("cohort submission open ", shell_word(file), " --task ",
                shell_word(is_handed_in(file) && fs::exists(task) ? fs::proximate(task) : "TASK.json"));
}

std::vector<fs::path> files_of_model(const fs::path& run_or_file) {
  const fs::path file = find_checkpoint(run_or_file), round = round_of_submission(file);
  return round.empty() ? std::vector{file} : std::vector{file, round / "model.h5"};
}

TrainedModel load_model(const fs::path& run_or_file) {
  TrainedModel trained;
  trained.file = find_checkpoint(run_or_file);
  const fs::path round = round_of_submission(trained.file);
  refuse_before_end(trained.file, round);
  trained.checkpoint = read_whole(round.empty() ? trained.file : round / "model.h5");
  trained.model = nn::build_model(trained.checkpoint.header.model);
  trained.layout = nn::layout_state(trained.model);
  if (!round.empty()) put_submission(trained);
  return trained;
}

round::Model load_parent(const fs::path& run_or_file, const nn::StateLayout& layout) {
  const fs::path file = find_checkpoint(run_or_file);
  return is_handed_in(file) ? handed_in_model(file, layout) : round::read_sent_model(file, layout);
}

fs::path data_of_run(const fs::path& checkpoint) {
  const fs::path config = config_of(checkpoint);
  if (config.empty() || !fs::exists(config)) return {};
  return text_in_job_file(config, "data");
}

fs::path data_of_rounds(const fs::path& run, const fs::path& chosen) {
  if (!fs::exists(round::RoundPaths{run}.task()))
    throw DataError(concat(run.string(), ": has no task.json; is it the folder of a run of rounds?"));
  fs::path data = chosen.empty() ? data_of_run(run / "checkpoints" / "last.h5") : chosen;
  if (data.empty())
    throw DataError(concat(run.string(), ": nothing there says on which data set: name it with --data"));
  if (!fs::exists(data))
    throw DataError(
        concat("the run's data set ", data.string(), " is not there: say with --data where it is"));
  return data;
}

std::vector<double> probabilities(int classes, std::span<const float> logits) {
  const auto width = static_cast<std::size_t>(classes);
  const auto stride = static_cast<std::size_t>(kernels::padded(classes));
  const std::size_t count = logits.size() / width;
  std::vector<float> rows(count * stride);
  for (std::size_t n = 0; n < count; ++n)
    for (std::size_t k = 0; k < width; ++k) rows[n * stride + k] = logits[n * width + k];
  std::vector<double> result(count * width);
  kernels::softmax<float>(classes, rows, result);
  return result;
}

}  // namespace cohort::app
