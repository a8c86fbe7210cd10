#include "cohort/store/container.hpp"

#include "cohort/core/error.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/mapped_file.hpp"
#include "unit/store/counting.hpp"
#include "unit/store/folder.hpp"

namespace cohort::store {
namespace {

using Container = FolderTest;
using Names = std::vector<std::string>;

TEST_F(Container, GivesBackEveryKind) {
  ContainerWriter writer(path("f.h5"));
  write_counting<std::uint8_t>(writer, "a/u8", {3, 5});
  write_counting<std::int32_t>(writer, "a/i32", {7});
  write_counting<std::int64_t>(writer, "a/b/i64", {2, 2, 2});
  write_counting<float>(writer, "f32", {4});
  write_counting<double>(writer, "f64", {});
  writer.close();

  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.read<std::uint8_t>("a/u8"), counting<std::uint8_t>(15, 1));
  EXPECT_EQ(reader.read<std::int32_t>("a/i32"), counting<std::int32_t>(7, 1));
  EXPECT_EQ(reader.read<std::int64_t>("/a/b/i64"), counting<std::int64_t>(8, 1));
  EXPECT_EQ(reader.read<float>("f32"), counting<float>(4, 1));
  EXPECT_EQ(reader.read<double>("f64"), counting<double>(1, 1));
  EXPECT_EQ(reader.info("a/u8").kind, Kind::u8);
  EXPECT_EQ(reader.info("a/u8").extents, (Extents{3, 5}));
  EXPECT_EQ(reader.info("f64").extents, Extents{});
}

TEST_F(Container, ListsItsMembersInOrder) {
  ContainerWriter writer(path("f.h5"));
  for (const char* name : {"g/zeta", "g/alpha", "g/Beta", "other"}) write_counting<float>(writer, name, {1});
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.members("/"), (Names{"g", "other"}));
  EXPECT_EQ(reader.members("g"), (Names{"Beta", "alpha", "zeta"}));
  EXPECT_TRUE(reader.contains("g/zeta"));
  EXPECT_TRUE(reader.contains("/"));
  EXPECT_FALSE(reader.contains("g/eta"));
  EXPECT_FALSE(reader.contains("no/such/thing"));
  EXPECT_THROW(static_cast<void>(reader.members("other")), DataError);
}

TEST_F(Container, StoresArraysInOnePieceWhereItSays) {
  ContainerWriter writer(path("f.h5"));
  write_counting<std::uint8_t>(writer, "images", {10, 6});
  writer.close();
  const ArrayInfo info = ContainerReader(path("f.h5")).info("images");
  ASSERT_TRUE(info.is_contiguous);
  ASSERT_GT(info.file_offset, 0);
  const MappedFile file(path("f.h5"));
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(file.bytes()[static_cast<std::size_t>(info.file_offset) + i], static_cast<std::byte>(i + 1));
  }
}

TEST_F(Container, IsFilledRowByRow) {
  ContainerWriter writer(path("f.h5"));
  writer.create("rows", Kind::i32, {5, 2});
  const std::vector<std::int32_t> last = {7, 8, 9, 10};
  const std::vector<std::int32_t> first = {1, 2, 3, 4, 5, 6};
  writer.write_rows("rows", 3, std::as_bytes(std::span(last)));
  writer.write_rows("rows", 0, std::as_bytes(std::span(first)));
  writer.write_rows("rows", 5, {});
  EXPECT_THROW(writer.write_rows("rows", 4, std::as_bytes(std::span(last))), std::logic_error);
  EXPECT_THROW(writer.write_rows("rows", -1, std::as_bytes(std::span(last))), std::logic_error);
  EXPECT_THROW(writer.write_rows("rows", 0, std::as_bytes(std::span(last)).first(9)), std::logic_error);
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.read<std::int32_t>("rows"), counting<std::int32_t>(10, 1));
  EXPECT_TRUE(reader.info("rows").is_contiguous);
}

TEST_F(Container, HoldsEmptyArrays) {
  ContainerWriter writer(path("f.h5"));
  writer.write<float>("none", {0, 3}, {});
  writer.create("rows", Kind::u8, {0});
  writer.write_strings("names", {});
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.read<float>("none").size(), 0u);
  EXPECT_EQ(reader.info("none").extents, (Extents{0, 3}));
  EXPECT_EQ(reader.info("none").file_offset, -1);
  EXPECT_EQ(reader.read<std::uint8_t>("rows").size(), 0u);
  EXPECT_EQ(reader.read_strings("names"), Names{});
}

TEST_F(Container, HoldsText) {
  const std::string large = std::string(200000, 'x') + "\nend ";
  const Names rows = {"benign", "", "mélanome", "  spaced  "};
  ContainerWriter writer(path("f.h5"));
  writer.write_text("config", large);
  writer.write_text("empty", "");
  writer.write_strings("classes", rows);
  EXPECT_THROW(writer.write_text("bad", std::string_view("a\0b", 3)), Error);
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.read_text("config"), large);
  EXPECT_EQ(reader.read_text("empty"), "");
  EXPECT_EQ(reader.read_strings("classes"), rows);
  EXPECT_THROW(static_cast<void>(reader.read_text("classes")), DataError);
  EXPECT_THROW(static_cast<void>(reader.read_strings("config")), DataError);
  EXPECT_THROW(static_cast<void>(reader.info("config")), DataError);
}

TEST_F(Container, HoldsAttributes) {
  const Names names = {"a", "bcd"};
  const std::vector<double> doubles = {0.1, -2.5};
  const std::vector<std::int64_t> ints = {INT64_MIN, 5};
  ContainerWriter writer(path("f.h5"));
  write_counting<float>(writer, "g/x", {1});
  writer.attribute("/", "format", "cohort-state");
  writer.attribute("/", "version", 3);
  writer.attribute("g", "loss", 0.1);
  writer.attribute("g/x", "names", names);
  writer.attribute("g/x", "doubles", doubles);
  writer.attribute("g/x", "ints", ints);
  writer.attribute("g/x", "none", std::span<const double>());
  writer.attribute("g/x", "blank", "");
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_EQ(reader.text_attribute("/", "format"), "cohort-state");
  EXPECT_EQ(reader.int_attribute("/", "version"), 3);
  EXPECT_EQ(reader.double_attribute("g", "loss"), 0.1);
  EXPECT_EQ(reader.strings_attribute("g/x", "names"), names);
  EXPECT_EQ(reader.doubles_attribute("g/x", "doubles"), doubles);
  EXPECT_EQ(reader.ints_attribute("g/x", "ints"), ints);
  EXPECT_EQ(reader.doubles_attribute("g/x", "none").size(), 0u);
  EXPECT_EQ(reader.text_attribute("g/x", "blank"), "");
  EXPECT_TRUE(reader.has_attribute("/", "format"));
  EXPECT_FALSE(reader.has_attribute("/", "author"));
  EXPECT_FALSE(reader.has_attribute("missing", "author"));
}

TEST_F(Container, MakesEqualFilesOfEqualContents) {
  for (const char* name : {"a.h5", "b.h5"}) {
    ContainerWriter writer(path(name));
    write_counting<float>(writer, "model/weight", {10});
    writer.attribute("model", "seed", 5);
    writer.close();
    if (std::string(name) == "a.h5") usleep(1100000);  // HDF5 would store times in seconds
  }
  EXPECT_EQ(read_text(path("a.h5")), read_text(path("b.h5")));
}

TEST_F(Container, WorksInsideAnAtomicWrite) {
  write_atomically(
      path("f.h5"),
      [](const std::filesystem::path& temporary) {
        ContainerWriter writer(temporary);
        write_counting<float>(writer, "x", {3});
        writer.close();
      },
      [](const std::filesystem::path& temporary) {
        EXPECT_EQ(ContainerReader(temporary).read<float>("x"), counting<float>(3, 1));
      });
  EXPECT_EQ(ContainerReader(path("f.h5")).read<float>("x"), counting<float>(3, 1));
  EXPECT_EQ(file_count(), 1);
}

}  // namespace
}  // namespace cohort::store
