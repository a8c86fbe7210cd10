#include "train_options.hpp"

#include "cohort/nn/model.hpp"

namespace cohort::app {
namespace {
void declare_run(OptionTable& table, train::Execution& run) {
  table.begin_group("Run");
  table.path("data", "data", "FILE", run.data, "packed data set, from cohort import (required)").common();
  table.path("out", "out", "DIR", run.out, "run folder; a run in it is continued (required)").common();
  table
      .path("start", "start", "CHECKPOINT", run.start,
            "start from this model, not from drawn values; name it again to continue")
      .common();
  table
      .choice("resume", "resume",
              {{"auto", train::Resume::automatic},
               {"never", train::Resume::never},
               {"must", train::Resume::must}},
              run.resume, "continue the run that --out holds")
      .common();
  table
      .duration("max-time", "max_time", run.max_time_s,
                "then stop with a checkpoint and code 85: 1:30:00, 90s, 2h; 0 = never")
      .common();
  table
      .bytes("max-memory", "max_memory", run.max_memory_bytes,
             "refuse to start if a rank needs more, as 2GiB; 0 = no limit")
      .common();
  table.toggle("dry-run", "", run.dry_run, "one step, nothing written: shapes, memory, time").common();
  table.duration("checkpoint-interval", "checkpoint_interval", run.checkpoint_interval_s,
                 "time between checkpoints; the first comes after a minute at the latest");
  table.number("validate-every", "validate_every_epochs", run.validate_every_epochs, at_least(0),
               "epochs between validations; 0 = only at the end");
  table.duration("log-interval", "log_interval", run.log_interval_s,
                 "time between lines when not on a terminal");
  table.text("select-metric", "select_metric", "NAME", run.select_metric,
             "decides best.h5: accuracy, balanced_accuracy, auc_macro, loss");
  table.text("require", "require", "EXPR", run.require,
             "exit with code 5 unless reached, as 'balanced_accuracy>=0.8'");
}

void declare_processors(OptionTable& table, train::Execution& run) {
  table.begin_group("Processors (no effect on the result)");
  table
      .integer("threads", "threads", run.threads, at_least(0),
               "threads per rank; 0 = as many as there are free cores")
      .common();
  table.word("isa", "isa", {"auto", "avx512", "avx2", "neon", "scalar"}, run.isa, "instruction set").common();
  table
      .word("kernels", "kernels", {"exact", "blas"}, run.kernels,
            "blas = OpenBLAS; its results cannot be replayed")
      .common();
}

void declare_model(OptionTable& table, train::Recipe& recipe) {
  table.begin_group("Model");
  table.word("model", "model.name", nn::model_names(), recipe.model.name, "network").common();
  table
      .text("stem", "model.stem", "NAME", recipe.model.stem,
            "resnet: imagenet from 64 pixels on, cifar below")
      .common();
}

void declare_training(OptionTable& table, train::Recipe& recipe) {
  table.begin_group("Training");
  table.integer("seed", "seed", recipe.seed, at_least(0), "equal seeds give equal bits on any machine")
      .common();
  table.number("epochs", "epochs", recipe.epochs, Range{0, 1e6, true}, "passes over the training images")
      .common();
  table
      .integer("max-steps", "max_steps", recipe.max_steps, at_least(0),
               "stop early, schedule unchanged; 0 = no limit")
      .common();
  table.integer("schedule-start", "schedule_start", recipe.schedule_start, at_least(0),
                "with --start: steps of the schedule that lie behind the model");
  table
      .integer("batch-size", "batch_size", recipe.batch_size, between(1, 1 << 24),
               "images per step, over all ranks")
      .common();
  table
      .integer("micro-batch", "micro_batch", recipe.micro_batch, between(1, 1 << 16),
               "images per unit of work; divides the batch size")
      .common();
  table.number("smoothing", "label_smoothing", recipe.label_smoothing, fraction_below_one(),
               "label smoothing");
  table
      .choice("class-weights", "class_weights",
              {{"none", train::ClassWeights::none}, {"balanced", train::ClassWeights::balanced}},
              recipe.class_weights, "weights in the loss")
      .common();
  table
      .choice("sampler", "sampling",
              {{"shuffled", data::Sampling::shuffled}, {"balanced", data::Sampling::balanced}},
              recipe.sampling, "balanced = each class as often")
      .common();
  table.number("ema-decay", "ema_decay", recipe.ema_decay, fraction_below_one(),
               "average of the weights, as 0.999; 0 = off");
  table.choice("validate-weights", "validate_weights",
               {{"raw", train::Weights::raw}, {"ema", train::Weights::ema}}, recipe.validate,
               "which weights are validated and kept as best");
  table.number("statistic-momentum", "statistic_momentum", recipe.statistic_momentum, Range{0, 1, true},
               "batch norm: share of the new batch");
}

void declare_optimizer(OptionTable& table, optim::OptimizerOptions& optimizer) {
  using Kind = optim::OptimizerKind;
  table.begin_group("Optimizer and learning rate");
  table
      .choice("optimizer", "optimizer.name",
              {{"sgd", Kind::sgd}, {"adamw", Kind::adamw}, {"lars", Kind::lars}}, optimizer.kind,
              "update rule")
      .common();
  table.number("momentum", "optimizer.momentum", optimizer.momentum, fraction_below_one(), "sgd, lars")
      .common();
  table.boolean("nesterov", "optimizer.nesterov", optimizer.nesterov, "sgd, lars: look ahead");
  table
      .number("weight-decay", "optimizer.weight_decay", optimizer.weight_decay, at_least(0),
              "not for batch norm and bias")
      .common();
  table.number("clip-norm", "optimizer.clip_norm", optimizer.clip_norm, at_least(0),
               "limit of the gradient's norm; 0 = off");
  table.number("beta1", "optimizer.beta1", optimizer.beta1, fraction_below_one(), "adamw");
  table.number("beta2", "optimizer.beta2", optimizer.beta2, fraction_below_one(), "adamw");
  table.number("epsilon", "optimizer.epsilon", optimizer.epsilon, Range{0, 1, true}, "adamw");
  table.number("trust", "optimizer.trust", optimizer.trust, above(0), "lars: trust ratio");
}

void declare_schedule(OptionTable& table, train::Recipe& recipe) {
  using Kind = optim::ScheduleKind;
  optim::ScheduleOptions& schedule = recipe.schedule;
  table
      .number("lr", "schedule.learning_rate", schedule.learning_rate, Range{0, 1e6, true},
              "peak learning rate")
      .common();
  table
      .choice("schedule", "schedule.name",
              {{"constant", Kind::constant},
               {"cosine", Kind::cosine},
               {"step", Kind::step},
               {"one_cycle", Kind::one_cycle}},
              schedule.kind, "course")
      .common();
  table
      .number("warmup-epochs", "schedule.warmup_epochs", recipe.warmup_epochs, Range{0, 1e6, false},
              "linear rise before constant, cosine, step")
      .common();
  table.number("min-lr", "schedule.minimum", schedule.minimum, at_least(0), "cosine: rate at the end");
  table.number("step-epochs", "schedule.step_epochs", recipe.step_epochs, Range{0, 1e6, true},
               "step: epochs between drops");
  table.number("gamma", "schedule.gamma", schedule.gamma, Range{0, 1, true}, "step: factor of each drop");
  table.number("rise-fraction", "schedule.rise_fraction", schedule.rise_fraction, Range{0, 1, true, true},
               "one_cycle: part of the run that rises");
  table.number("start-divisor", "schedule.start_divisor", schedule.start_divisor, at_least(1),
               "one_cycle: start = lr / this");
  table.number("final-divisor", "schedule.final_divisor", schedule.final_divisor, at_least(1),
               "one_cycle: end = start / this");
}

void declare_augmentation(OptionTable& table, data::AugmentOptions& augment) {
  table.begin_group("Augmentation");
  table.boolean("augment-flip", "augment.flip", augment.flip, "mirror at random, both ways");
  table.boolean("augment-turns", "augment.quarter_turns", augment.quarter_turns,
                "turn by 0, 90, 180 or 270 degrees");
  table.integer("augment-shift", "augment.shift", augment.shift, between(0, data::kMaxShift),
                "move by up to so many pixels");
  table.number("augment-brightness", "augment.brightness", augment.brightness, fraction_below_one(),
               "factor from 1-X to 1+X");
  table.number("augment-contrast", "augment.contrast", augment.contrast, fraction_below_one(),
               "factor from 1-X to 1+X");
  table.number("augment-colour", "augment.colour", augment.colour, fraction_below_one(),
               "saturation, factor from 1-X to 1+X");
}
}  // namespace

void declare_job(OptionTable& table, train::Job& job) {
  job.execution.threads = 0;  // decided once the ranks are known
  declare_run(table, job.execution);
  declare_model(table, job.recipe);
  declare_training(table, job.recipe);
  declare_optimizer(table, job.recipe.optimizer);
  declare_schedule(table, job.recipe);
  declare_augmentation(table, job.recipe.augment);
  declare_processors(table, job.execution);
}

}  // namespace cohort::app
