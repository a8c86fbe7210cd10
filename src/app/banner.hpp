// The first lines of a run: what runs where, on which data, with which model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/nn/model.hpp"
#include "cohort/train/options.hpp"
#include "launch.hpp"

namespace cohort::app {

/// "cohort 0.1.0  2 ranks on 1 host, 1 thread each, avx512 kernels, Open MPI 4.1.4"
std::string program_line(const Launch& launch, const std::string& isa, const std::string& kernels);
/// ", split sha256:0123456789ab": the samples and what of them trains and validates, in what order of
/// classes; equal samples have equal digests else. Nothing where none trains.
std::string splits_text(const data::Dataset& dataset);
/// Two lines: digest, counts by split; counts by class.
std::string data_lines(const data::Dataset& dataset);
/// What a run of rounds takes.
struct RoundsCourse {
  std::int64_t rounds = 0, steps = 0, candidates = 0;
};
/// The whole banner of `cohort train`, of an ordinary run or of one in rounds.
void show_banner(const train::Job& job, const data::Dataset& dataset, const nn::Model& model,
                 const Launch& launch, Log& log, const std::optional<RoundsCourse>& rounds = std::nullopt);

}  // namespace cohort::app
