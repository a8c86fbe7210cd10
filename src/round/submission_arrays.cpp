#include "round/submission_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {

void expect_tensors(std::vector<store::ExpectedArray>& expected, std::string_view group,
                    std::span<const nn::Tensor> tensors) {
  for (const nn::Tensor& tensor : tensors)
    expected.push_back({concat(group, "/", tensor.name), store::Kind::f32, tensor.extents, 0});
}

void write_tensors(store::ContainerWriter& writer, std::string_view group,
                   std::span<const nn::Tensor> tensors, std::span<const float> flat) {
  for (const nn::Tensor& tensor : tensors)
    writer.write<float>(concat(group, "/", tensor.name), tensor.extents, nn::to_canonical(tensor, flat));
}

void write_bytes(store::ContainerWriter& writer, std::string_view name, std::string_view text) {
  writer.write(name, store::Kind::u8, {static_cast<std::int64_t>(text.size())},
               std::as_bytes(std::span(text)));
}

void take_tensors(std::span<const std::vector<std::byte>>& arrays, std::span<const nn::Tensor> tensors,
                  std::span<float> flat) {
  for (const nn::Tensor& tensor : tensors) {
    std::vector<float> canonical(static_cast<std::size_t>(tensor.canonical_count()));
    const std::vector<std::byte>& bytes = arrays.front();
    require(bytes.size() == canonical.size() * sizeof(float), "take_tensors: an array of another size");
    std::memcpy(canonical.data(), bytes.data(), bytes.size());
    nn::from_canonical(tensor, canonical, flat);
    arrays = arrays.subspan(1);
  }
}

std::string take_text(std::span<const std::vector<std::byte>>& arrays) {
  const std::vector<std::byte>& bytes = arrays.front();
  arrays = arrays.subspan(1);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<std::string> unusable_value(std::span<const nn::Tensor> tensors, std::span<const float> flat) {
  for (const nn::Tensor& tensor : tensors) {
    const auto values =
        flat.subspan(static_cast<std::size_t>(tensor.offset), static_cast<std::size_t>(tensor.count));
    const bool is_variance = tensor.role == nn::TensorRole::running_variance;
    const auto is_unusable = [is_variance](float value) {
      return !std::isfinite(value) || (is_variance && value < 0);
    };
    if (std::any_of(values.begin(), values.end(), is_unusable))
      return concat(tensor.name, " holds a value that is not finite", is_variance ? " or below 0" : "");
  }
  return std::nullopt;
}

}  // namespace cohort::round
