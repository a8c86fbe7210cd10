#include "data/drawn_text.hpp"

#include <array>
#include <utility>

#include "cohort/core/utf8.hpp"
#include "cohort/data/canvas.hpp"

namespace cohort::data {
namespace {

/// U+00C0 to U+017F: two characters each, a blank fills up.
constexpr std::string_view kLatin =
    "A A A A A A AEC E E E E I I I I D N O O O O O x O U U U U Y Thss"
    "a a a a a a aec e e e e i i i i d n o o o o o / o u u u u y thy "
    "A a A a A a C c C c C c C c D d D d E e E e E e E e E e G g G g "
    "G g G g H h H h I i I i I i I i I i IJijJ j K k k L l L l L l L "
    "l L l N n N n N n n N n O o O o O o OEoeR r R r R r S s S s S s "
    "S s T t T t T t U u U u U u U u U u U u W w Y y Y Z z Z z Z z s ";

/// U+1E00 to U+1EFF, one character each; the capital sharp s is one S.
constexpr std::string_view kLatinAdditional =
    "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
    "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
    "WwWwWwWwWwXxXxYyZzZzZzhtwyasssSdAaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
    "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYyLlVvYy";

constexpr std::array<std::pair<char32_t, std::string_view>, 24> kOthers = {
    {{0x00A0, " "}, {0x00B0, "deg"}, {0x00B5, "u"},  {0x00B7, "."},  {0x0218, "S"},   {0x0219, "s"},
     {0x021A, "T"}, {0x021B, "t"},   {0x01CE, "a"},  {0x01D0, "i"},  {0x01D2, "o"},   {0x01D4, "u"},
     {0x2010, "-"}, {0x2011, "-"},   {0x2012, "-"},  {0x2013, "-"},  {0x2014, "-"},   {0x2018, "'"},
     {0x2019, "'"}, {0x201C, "\""},  {0x201D, "\""}, {0x201E, "\""}, {0x2026, "..."}, {0x2212, "-"}}};

/// Marks that stand after their letter, as some file systems write them.
bool is_mark(char32_t letter) {
  return letter >= 0x0300 && letter <= 0x036F;
}

std::string plain_form(char32_t letter) {
  if (letter < 0x20) return " ";
  if (letter < 0x7F) return {static_cast<char>(letter)};
  if (is_mark(letter)) return "";
  if (letter >= 0x00C0 && letter <= 0x017F) {
    const std::string_view form = kLatin.substr(2 * (letter - 0x00C0), 2);
    return std::string(form.substr(0, form[1] == ' ' ? 1 : 2));
  }
  if (letter >= 0x1E00 && letter <= 0x1EFF) return {kLatinAdditional[letter - 0x1E00]};
  for (const auto& [other, form] : kOthers)
    if (other == letter) return std::string(form);
  return {kEmptyBox};
}

}  // namespace

std::string drawn_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Character letter = first_character(text);
    result += letter.is_valid ? plain_form(letter.code) : std::string{kEmptyBox};
    text.remove_prefix(letter.bytes);
  }
  return result;
}

bool is_drawable(std::string_view text) {
  return drawn_text(text).find(kEmptyBox) == std::string::npos;
}

}  // namespace cohort::data
