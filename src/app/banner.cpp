#include "banner.hpp"

#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/kernels/select.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/train/trainer.hpp"
#include "tables.hpp"

namespace cohort::app {
namespace {
constexpr std::size_t kMostClasses = 12;  ///< named in the banner; more would fill the screen

std::string images_text(const train::Recipe& recipe) {
  return concat(counted(recipe.batch_size, "image"), " (", recipe.batch_size / recipe.micro_batch, " x ",
                recipe.micro_batch, ")");
}

/// "451 steps of 32 images (2 x 16), 20.1 epochs"
std::string course_text(const train::Recipe& recipe, const data::Dataset& dataset) {
  const std::int64_t steps = train::run_steps(recipe);
  const auto samples = static_cast<double>(dataset.indices(data::Split::train).size());
  const double epochs = static_cast<double>(steps * recipe.batch_size) / samples;
  return concat(counted(steps, "step"), " of ", images_text(recipe), ", ", format_fixed(epochs, 1),
                " epochs");
}

/// "3 rounds of 10 steps of 32 images (2 x 16), 10 candidates"
std::string course_text(const train::Recipe& recipe, const RoundsCourse& rounds) {
  return concat(counted(rounds.rounds, "round"), " of ", counted(rounds.steps, "step"), " of ",
                images_text(recipe), ", ", counted(rounds.candidates, "candidate"));
}

std::string run_line(const train::Job& job, const std::string& course) {
  const train::Recipe& recipe = job.recipe;
  return concat("run    ", job.execution.out.empty() ? "(nothing written)" : job.execution.out.string(),
                "  seed ", recipe.seed, "  ", course, "  ", optim::name_of(recipe.optimizer.kind), ", ",
                optim::name_of(recipe.schedule.kind), " to ", format_shortest(recipe.schedule.learning_rate));
}
}  // namespace

std::string program_line(const Launch& launch, const std::string& isa, const std::string& kernels) {
  const std::string names =
      kernels == "blas" ? concat("BLAS kernels (not replayable), ", kernels::blas_description())
                        : concat(kernels::exact_table(isa).name, " kernels, numerics ", kNumericsVersion);
  return concat("cohort " COHORT_VERSION "  ", launch.text(), ", ", names, ", ", mpi_name());
}

std::string splits_text(const data::Dataset& dataset) {
  if (dataset.indices(data::Split::train).empty()) return "";
  return concat(", split sha256:", to_hex(train::training_data_digest(dataset)).substr(0, 12));
}

std::string data_lines(const data::Dataset& dataset) {
  std::vector<std::int64_t> classes(dataset.classes().size()), splits(data::kSplits);
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    ++classes.at(static_cast<std::size_t>(dataset.labels()[static_cast<std::size_t>(i)]));
    ++splits.at(static_cast<std::size_t>(dataset.split(i)));
  }
  const Shape shape = dataset.image_shape();
  std::string text = concat("data   ", dataset.path().string(),
                            "  sha256:", to_hex(dataset.digest()).substr(0, 12), splits_text(dataset), "  ",
                            counted(dataset.size(), "image"), " ", shape.height, "x", shape.width, ":");
  for (int s = 0; s < data::kSplits; ++s)
    if (splits[static_cast<std::size_t>(s)] > 0)
      text += concat(text.ends_with(":") ? " " : ", ", splits[static_cast<std::size_t>(s)], " ",
                     data::name_of(static_cast<data::Split>(s)));
  text += "\n       ";
  for (std::size_t c = 0; c < classes.size() && c < kMostClasses; ++c)
    text += concat(c > 0 ? "  " : "", dataset.classes()[c], " ", classes[c]);
  if (classes.size() > kMostClasses) text += concat("  and ", classes.size() - kMostClasses, " more classes");
  return text;
}

void show_banner(const train::Job& job, const data::Dataset& dataset, const nn::Model& model,
                 const Launch& launch, Log& log, const std::optional<RoundsCourse>& rounds) {
  log.info(program_line(launch, job.execution.isa, job.execution.kernels));
  log.info(data_lines(dataset));
  const auto count = static_cast<double>(nn::layout_state(model).trainable_count());
  const auto bytes = static_cast<double>(train::estimate_memory(job, model, launch.ranks));
  log.info(concat("model  ", model.name, model.stem.empty() ? "" : concat(" (", model.stem, " stem)"), "  ",
                  human_count(count), " parameters, ", human_count(nn::training_flops(model)),
                  " FLOP an image, ", human_bytes(bytes), " per rank"));
  log.info(run_line(job, rounds ? course_text(job.recipe, *rounds) : course_text(job.recipe, dataset)));
  warn_of_placement(launch, log);
}

}  // namespace cohort::app
