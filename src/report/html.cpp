#include "report/html.hpp"

#include "cohort/core/text.hpp"
#include "cohort/core/visible.hpp"

namespace cohort::report {
namespace {

constexpr std::size_t kMostDigits = 21;  // thousands of the largest coin in its smallest unit
constexpr std::string_view kNarrowSpace = "\xE2\x80\xAF";
constexpr std::string_view kDash = "\xE2\x80\x93";

/// How a byte of text stands in HTML; nothing where it stands for itself.
std::string_view reference_of(char byte) {
  switch (byte) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\n':
    case '\t':
      return " ";
    default:
      return {};
  }
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (const char byte : visible(text)) {
    const std::string_view reference = reference_of(byte);
    if (reference.empty())
      html += byte;
    else
      html += reference;
  }
  return html;
}

std::string element(std::string_view name, std::string_view attributes, std::string_view content) {
  return concat("<", name, attributes.empty() ? "" : " ", attributes, ">", content, "</", name, ">");
}

std::string foreign(std::string_view text) {
  return element("bdi", "", escaped(text));
}

std::string shortened(const Digest& digest) {
  if (digest == Digest{}) return std::string(kDash);
  const std::string hex = to_hex(digest);
  return element("code", concat("class=\"digest\" title=\"", hex, "\""), hex.substr(0, 12) + "\xE2\x80\xA6");
}

std::string grouped(std::string digits) {
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, kNarrowSpace);
  return digits;
}

std::string grouped(const round::Amount& amount) {
  const std::string digits = amount.to_decimal();
  if (digits.size() <= kMostDigits) return grouped(digits);
  return element("span", concat("class=\"digest\" title=\"", digits, "\""),
                 concat(digits.substr(0, 1), ".", digits.substr(1, 4), "\xE2\x80\xA6\xC2\xA0\xC3\x97\xC2\xA0",
                        "10", element("sup", "", concat(digits.size() - 1))));
}

std::string percentage(std::int64_t part, std::int64_t whole) {
  if (whole <= 0 || part < 0) return std::string(kDash);
  return percentage(static_cast<double>(part) / static_cast<double>(whole));
}

std::string percentage(double share) {
  return format_fixed(100.0 * share, 1) + std::string(kNarrowSpace) + "%";
}

std::string counted(std::int64_t correct, std::int64_t samples) {
  if (correct < 0 || samples <= 0) return std::string(kDash);
  return concat(correct, "/", samples, " ", element("small", "", percentage(correct, samples)));
}

}  // namespace cohort::report
