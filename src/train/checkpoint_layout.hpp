// Names and digests of a checkpoint file, shared by the writer and the reader (docs/formats.md).
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/nn/state_layout.hpp"
#include "cohort/train/checkpoint.hpp"

namespace cohort::train {

inline constexpr const char* kCheckpointFormat = "cohort-checkpoint";

/// A column of the stored history; `step` is stored beside these as an integer.
struct HistoryColumn {
  const char* name;
  double HistoryRow::*value;
};
inline constexpr std::array<HistoryColumn, 9> kHistoryColumns{{
    {"epoch", &HistoryRow::epoch},
    {"elapsed_s", &HistoryRow::elapsed_s},
    {"train_loss", &HistoryRow::train_loss},
    {"validation_loss", &HistoryRow::validation_loss},
    {"accuracy", &HistoryRow::accuracy},
    {"balanced_accuracy", &HistoryRow::balanced_accuracy},
    {"auc_macro", &HistoryRow::auc_macro},
    {"learning_rate", &HistoryRow::learning_rate},
    {"images_per_s", &HistoryRow::images_per_s},
}};

/// "layer1.0.conv1.weight" → ("layer1.0.conv1", "weight").
std::pair<std::string, std::string> layer_and_tensor(const std::string& name);

/// "model", "layer1.0.conv1.weight" → "model/layer1.0.conv1/weight".
std::string stored_name(const std::string& group, const std::string& tensor);

/// Over all fields but state_digest, so that damage outside the tensors is found as well.
Digest header_digest(const CheckpointHeader& header);

}  // namespace cohort::train
