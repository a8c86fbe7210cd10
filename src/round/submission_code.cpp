// A submission as one line of text, for mailboxes that carry nothing else.
#include <algorithm>
#include <cstring>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/base64.hpp"
#include "cohort/round/submission.hpp"
#include "round/submission_arrays.hpp"

namespace cohort::round {
namespace {

constexpr std::string_view kPrefix = "cohort-submission-v1:";
constexpr std::size_t kLengthBytes = 8, kDigestBytes = Digest{}.size();
constexpr std::size_t kSignatureBytes = 1 + identity::Signature{}.size();

std::size_t tensor_bytes(const nn::StateLayout& layout) {
  std::int64_t count = 0;
  for (const auto* tensors : {&layout.parameters, &layout.statistics})
    for (const nn::Tensor& tensor : *tensors) count += tensor.canonical_count();
  return static_cast<std::size_t>(count) * sizeof(float);
}

class Packer {
 public:
  template <typename T>
  void append(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void append_length(std::uint64_t length) {
    for (std::size_t i = 0; i < kLengthBytes; ++i)
      bytes_.push_back(static_cast<std::byte>(length >> (8 * i)));
  }
  void append_tensors(std::span<const nn::Tensor> tensors, std::span<const float> flat) {
    for (const nn::Tensor& tensor : tensors) append<float>(nn::to_canonical(tensor, flat));
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

/// Takes fields off the front of bytes whose total length has been checked.
class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> rest) : rest_(rest) {}
  std::span<const std::byte> take(std::size_t count) {
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  void take_tensors(std::span<const nn::Tensor> tensors, std::span<float> flat) {
    for (const nn::Tensor& tensor : tensors) {
      std::vector<float> canonical(static_cast<std::size_t>(tensor.canonical_count()));
      const auto bytes = take(canonical.size() * sizeof(float));
      std::memcpy(canonical.data(), bytes.data(), bytes.size());
      nn::from_canonical(tensor, canonical, flat);
    }
  }

 private:
  std::span<const std::byte> rest_;
};

std::uint64_t length_from(std::span<const std::byte> bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;)
    length = (length << 8) | std::to_integer<std::uint64_t>(bytes[i]);
  return length;
}

[[noreturn]] void refuse(std::string_view reason) {
  throw DataError(concat("decode a submission: ", reason));
}

/// The bytes behind the prefix, of the length that header and model make, with the right digest at the end.
std::vector<std::byte> checked_bytes(std::string_view text, std::size_t fixed_bytes) {
  if (!text.starts_with(kPrefix)) refuse(concat("it does not begin with '", kPrefix, "'"));
  text.remove_prefix(kPrefix.size());
  if (text.size() / 4 > (fixed_bytes + kMostHeaderBytes) / 3 + 1)
    refuse("it is longer than this model makes it");
  std::vector<std::byte> bytes = identity::base64url_decode(text);
  if (bytes.size() < fixed_bytes || length_from(bytes) != bytes.size() - fixed_bytes)
    refuse("it is cut short, or of another model");
  const std::span<const std::byte> all(bytes);
  const Digest digest = sha256(all.first(bytes.size() - kDigestBytes));
  if (std::memcmp(digest.data(), all.last(kDigestBytes).data(), kDigestBytes) != 0)
    refuse("it was damaged on the way (its digest is wrong)");
  return bytes;
}

}  // namespace

std::string encode(const nn::StateLayout& layout, const Submission& submission) {
  const std::string header = header_text(submission.header);
  Packer packer;
  packer.append_length(header.size());
  packer.append<char>(header);
  packer.append_tensors(layout.parameters, submission.parameters.span());
  packer.append_tensors(layout.statistics, submission.statistics.span());
  const std::uint8_t is_signed = submission.signature ? 1 : 0;
  packer.append<std::uint8_t>(std::span(&is_signed, 1));
  packer.append<std::uint8_t>(submission.signature.value_or(identity::Signature{}));
  packer.append<std::uint8_t>(sha256(packer.bytes()));
  return concat(kPrefix, identity::base64url_encode(packer.bytes()));
}

Submission decode(std::string_view text, const nn::StateLayout& layout) {
  const std::size_t fixed_bytes = kLengthBytes + tensor_bytes(layout) + kSignatureBytes + kDigestBytes;
  const std::vector<std::byte> bytes = checked_bytes(text, fixed_bytes);
  Unpacker unpacker(bytes);
  const auto header = unpacker.take(length_from(unpacker.take(kLengthBytes)));
  Submission submission;
  submission.header = header_from_text({reinterpret_cast<const char*>(header.data()), header.size()});
  submission.parameters = AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count));
  submission.statistics = AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count));
  unpacker.take_tensors(layout.parameters, submission.parameters.span());
  unpacker.take_tensors(layout.statistics, submission.statistics.span());
  const auto is_signed = std::to_integer<int>(unpacker.take(1).front());
  identity::Signature signature{};
  std::memcpy(signature.data(), unpacker.take(signature.size()).data(), signature.size());
  if (is_signed > 1 || (is_signed == 0 && signature != identity::Signature{}))
    refuse("it is neither signed nor unsigned");
  if (is_signed == 1) submission.signature = signature;
  if (model_digest(layout, submission.parameters.span(), submission.statistics.span()) !=
      submission.header.model)
    refuse("its tensors are not those that its header names by their digest");
  return submission;
}

}  // namespace cohort::round
