#include "round/strict_json.hpp"

#include <charconv>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"

namespace cohort::round {

std::string shortened(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto goes_on = [](char letter) { return (static_cast<unsigned char>(letter) & 0xc0U) == 0x80; };
  while (most > 0 && goes_on(text[most])) --most;
  return std::string(text.substr(0, most));
}

std::string quote(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') result += '\\';
    result += letter;
  }
  return result + '"';
}

void Scanner::fail(std::string_view what, std::string_view problem) const {
  throw DataError(concat(subject_, ": ", what, " ", problem, " (byte ", at_, ")"));
}

void Scanner::expect(std::string_view literal, std::string_view what) {
  if (text_.substr(at_, literal.size()) != literal) fail(what, "is missing or out of place");
  at_ += literal.size();
}

void Scanner::expect_member(std::string_view name) {
  expect(quote(name) + ':', name);
}

bool Scanner::accept(char next) {
  const bool is_next = at_ < text_.size() && text_[at_] == next;
  if (is_next) ++at_;
  return is_next;
}

std::int64_t Scanner::integer(std::string_view what, std::int64_t least, std::int64_t most) {
  const char* const begin = text_.data() + at_;
  const char* const end = text_.data() + text_.size();
  std::int64_t value = 0;
  const bool is_canonical = begin != end && *begin >= '0' && *begin <= '9' &&
                            !(*begin == '0' && end - begin > 1 && begin[1] >= '0' && begin[1] <= '9');
  if (!is_canonical) fail(what, "is not a whole number");
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || value < least || value > most)
    fail(what, concat("is not from ", least, " to ", most));
  at_ += static_cast<std::size_t>(stop - begin);
  return value;
}

void Scanner::hex(std::string_view what, std::span<std::uint8_t> bytes) {
  const std::string_view digits = text_.substr(at_, 2 * bytes.size() + 2);
  const auto value_of = [](char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
  };
  bool is_good = digits.size() == 2 * bytes.size() + 2 && digits.front() == '"' && digits.back() == '"';
  for (std::size_t i = 0; is_good && i < bytes.size(); ++i) {
    const int high = value_of(digits[2 * i + 1]), low = value_of(digits[2 * i + 2]);
    is_good = high >= 0 && low >= 0;
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (!is_good) fail(what, concat("is not ", 2 * bytes.size(), " small hexadecimal digits"));
  at_ += digits.size();
}

std::string Scanner::text(std::string_view what, std::size_t most) {
  std::string result;
  expect("\"", what);
  while (!accept('"')) {
    const bool is_escaped = accept('\\');
    if (at_ == text_.size() || result.size() == most)
      fail(what, concat("does not end within ", most, " bytes"));
    if (is_escaped && text_[at_] != '"' && text_[at_] != '\\') fail(what, "escapes what needs no escape");
    result += text_[at_++];
  }
  if (!is_plain_text(result)) fail(what, "holds characters that do not show");
  return result;
}

void Scanner::expect_end() {
  if (at_ != text_.size()) fail("the end", "is not where it should be");
}

}  // namespace cohort::round
