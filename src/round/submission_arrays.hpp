// Tensors of a model as the arrays of a file, in the order in which submissions and link states hold them.
// Not part of the module's public face.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/nn/state_layout.hpp"
#include "cohort/store/container.hpp"
#include "cohort/store/hostile_reader.hpp"

namespace cohort::round {

/// The longest header of a submission; 10,000 links and the counts of 1,024 classes fit well.
inline constexpr std::size_t kMostHeaderBytes = std::size_t{16} << 20;

/// Appends one expected array for each tensor: "<group>/<tensor>", f32, canonical extents.
void expect_tensors(std::vector<store::ExpectedArray>& expected, std::string_view group,
                    std::span<const nn::Tensor> tensors);

/// Writes each tensor in canonical form.
void write_tensors(store::ContainerWriter& writer, std::string_view group,
                   std::span<const nn::Tensor> tensors, std::span<const float> flat);

/// A text as one-dimensional array of bytes.
void write_bytes(store::ContainerWriter& writer, std::string_view name, std::string_view text);

/// Takes arrays off the front of what was read: one a tensor, into the flat buffer.
void take_tensors(std::span<const std::vector<std::byte>>& arrays, std::span<const nn::Tensor> tensors,
                  std::span<float> flat);
/// Takes one array off the front, as text.
std::string take_text(std::span<const std::vector<std::byte>>& arrays);

/// What no training makes and no inference bears: a value that is not finite, a variance below 0. Names the
/// first such tensor; nothing when all is well.
std::optional<std::string> unusable_value(std::span<const nn::Tensor> tensors, std::span<const float> flat);

}  // namespace cohort::round
