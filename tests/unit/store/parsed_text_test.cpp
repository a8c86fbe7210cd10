#include "cohort/store/parsed_text.hpp"

#include <gmock/gmock.h>

#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

using testing::StartsWith;
using testing::StrEq;
using testing::ThrowsMessage;

using ParsedText = FolderTest;

TEST_F(ParsedText, SaysWhichFileCannotBeParsed) {
  write_text_atomically(path("a.json"), "{\"a\": 1}");
  EXPECT_EQ(parsed_json(path("a.json")).at("a").as_int(), 1);
  EXPECT_EQ(parsed_json(path("a.json"), [](const Json& json) { return json.at("a").as_int(); }), 1);
  const auto refuse = [](const std::string&) -> int { throw DataError("not ours"); };
  EXPECT_THAT([&] { parsed_text(path("a.json"), refuse); },
              ThrowsMessage<DataError>(StrEq("read " + path("a.json").string() + ": not ours")));
  write_text_atomically(path("a.json"), "{");
  EXPECT_THAT([&] { parsed_json(path("a.json")); },
              ThrowsMessage<DataError>(StartsWith("read " + path("a.json").string() + ": JSON")));
}

TEST_F(ParsedText, SaysItOnceWhereAFileCannotBeRead) {
  EXPECT_THAT(
      [&] { parsed_json(path("missing")); },
      ThrowsMessage<Error>(StrEq("read " + path("missing").string() + ": No such file or directory")));
}

}  // namespace
}  // namespace cohort::store
