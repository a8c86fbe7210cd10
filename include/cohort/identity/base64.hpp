// Bytes as text for URLs, file names and mails: base64url of RFC 4648 §5, without padding.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cohort::identity {

/// A to Z, a to z, 0 to 9, '-' and '_'; four characters for three bytes, no '='.
std::string base64url_encode(std::span<const std::byte> bytes);

/// The bytes of exactly one text: base64url_encode(base64url_decode(t)) == t.
///
/// Throws DataError naming the position of a foreign character (space, newline and '=' are), or saying that
/// the length is impossible or that unused bits are set.
std::vector<std::byte> base64url_decode(std::string_view text);

}  // namespace cohort::identity
