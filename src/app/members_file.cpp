#include "members_file.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/csv.hpp"

namespace cohort::app {
namespace {

using Problems = std::vector<std::string>;

void check_columns(const data::CsvTable& table, Problems& problems) {
  constexpr std::array<std::string_view, 3> kColumns{"name", "key", "address"};
  for (const std::string_view needed : {kColumns[0], kColumns[1]})
    if (!table.column(needed)) problems.push_back(concat("the column ", needed, " is missing"));
  for (const std::string& column : table.header)
    if (std::ranges::find(kColumns, column) == kColumns.end())
      problems.push_back(concat("there is no use for a column '", column, "'; expected name, key, address"));
}

}  // namespace

std::vector<round::Member> read_members(const std::filesystem::path& path) {
  const data::CsvTable table = data::read_csv(path);
  Problems problems;
  check_columns(table, problems);
  if (table.rows.empty()) problems.emplace_back("it names no members");
  std::vector<round::Member> members;
  if (problems.empty()) {
    const std::size_t name = *table.column("name"), key = *table.column("key");
    const auto address = table.column("address");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const std::vector<std::string>& row = table.rows[i];
      round::Member member{row[name], {}, address ? row[*address] : std::string()};
      try {
        member.key = identity::public_key_from_hex(row[key]);
      } catch (const DataError& e) {
        problems.push_back(concat("line ", table.lines[i], ": the key of '", row[name], "': ", e.what()));
      }
      members.push_back(std::move(member));
    }
  }
  if (!problems.empty()) throw DataError(concat(path.string(), ": ", joined(problems, "; ")));
  return members;
}

}  // namespace cohort::app
