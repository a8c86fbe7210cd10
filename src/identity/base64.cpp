#include "cohort/identity/base64.hpp"

#include "cohort/core/text.hpp"
#include "identity/wiping.hpp"

namespace cohort::identity {
namespace {

constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

bool is_digit_of_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::string base64url_encode(std::span<const std::byte> bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // the library ends it with a NUL
  return text;
}

std::vector<std::byte> base64url_decode(std::string_view text) {
  std::vector<std::byte> bytes(text.size() / 4 * 3 + 3);
  std::size_t count = 0;
  const char* end = nullptr;
  const int code = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                     text.data(), text.size(), nullptr, &count, &end, kVariant);
  const auto read = static_cast<std::size_t>(end - text.data());
  if (read < text.size() && !is_digit_of_base64url(text[read]))
    throw DataError(
        concat("base64url: character ", read + 1, " of ", text.size(), " is none of A-Z a-z 0-9 - _"));
  if (code != 0 || read != text.size() || text.size() % 4 == 1)
    throw DataError(concat("base64url: the text of ", text.size(),
                           " characters is cut short or its last character says too much"));
  bytes.resize(count);
  return bytes;
}

}  // namespace cohort::identity
