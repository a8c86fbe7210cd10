#include "tables.hpp"

#include <algorithm>
#include <array>

#include "cohort/core/text.hpp"

namespace cohort::app {
std::string table_text(const report::Table& table) {
  std::string text = report::console_table(table);
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string sibling(const std::filesystem::path& file, const std::string& ending) {
  return (file.parent_path() / (file.stem().string() + ending)).string();
}

std::string human_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return concat(format_fixed(bytes, unit == 0 || bytes >= 100 ? 0 : 1), " ", kUnits[unit]);
}

std::string human_count(double count) {
  if (count >= 1e6) return concat(format_fixed(count / 1e6, 2), " M");
  if (count >= 1e4) return concat(format_fixed(count / 1e3, 1), " k");
  return format_fixed(count, 0);
}

std::string human_duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 60) return concat(whole, " s");
  const auto two = [](std::int64_t n) { return concat(n < 10 ? "0" : "", n); };
  if (whole < 3600) return concat(whole / 60, ":", two(whole % 60), " min");
  return concat(whole / 3600, ":", two(whole / 60 % 60), ":", two(whole % 60));
}

}  // namespace cohort::app
