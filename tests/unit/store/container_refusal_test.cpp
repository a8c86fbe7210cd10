// What a container refuses to write and to read, and in which words.
#include <sys/stat.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "unit/store/counting.hpp"
#include "unit/store/folder.hpp"
#include "unit/store/limited_child.hpp"

namespace cohort::store {
namespace {

using ContainerRefusal = FolderTest;
using Names = std::vector<std::string>;

TEST_F(ContainerRefusal, RefusesAttributesOfAnotherKind) {
  ContainerWriter writer(path("f.h5"));
  writer.attribute("/", "text", "1");
  writer.attribute("/", "number", 1);
  writer.attribute("/", "list", std::vector<double>{1.0});
  writer.close();
  const ContainerReader reader(path("f.h5"));
  EXPECT_THROW(static_cast<void>(reader.int_attribute("/", "text")), DataError);
  EXPECT_THROW(static_cast<void>(reader.double_attribute("/", "number")), DataError);
  EXPECT_THROW(static_cast<void>(reader.text_attribute("/", "number")), DataError);
  EXPECT_THROW(static_cast<void>(reader.double_attribute("/", "list")), DataError);
  EXPECT_THROW(static_cast<void>(reader.ints_attribute("/", "number")), DataError);
  EXPECT_THROW(static_cast<void>(reader.strings_attribute("/", "text")), DataError);
  EXPECT_EQ(message_of<DataError>([&] { return reader.int_attribute("/", "seed"); }),
            "read " + path("f.h5").native() + ": attribute 'seed' of /: is missing");
}

TEST_F(ContainerRefusal, DoesNotWaitForTheWriterOfAPipe) {
  ASSERT_EQ(mkfifo(path("pipe.h5").c_str(), 0600), 0);
  EXPECT_EQ(message_of<Error>([&] { return ContainerReader(path("pipe.h5")).contains("x"); }),
            "open " + path("pipe.h5").native() + ": not a regular file");
}

TEST_F(ContainerRefusal, NamesFileAndObjectOfWhatIsNotThere) {
  ContainerWriter writer(path("f.h5"));
  write_counting<float>(writer, "x", {3});
  EXPECT_THROW(writer.write_rows("missing", 0, {}), Error);
  EXPECT_THROW(writer.attribute("missing", "a", 1), Error);
  EXPECT_THROW(write_counting<float>(writer, "x", {3}), Error);  // twice
  writer.close();
  EXPECT_THROW(writer.write_text("late", "x"), std::logic_error);
  EXPECT_THROW(writer.close(), std::logic_error);

  const ContainerReader reader(path("f.h5"));
  const std::string prefix = "read " + path("f.h5").native() + ": ";
  EXPECT_EQ(message_of<DataError>([&] { return reader.info("model/weight"); }),
            prefix + "model/weight: is missing");
  EXPECT_EQ(message_of<DataError>([&] { return reader.read<double>("x"); }),
            prefix + "x: is of kind f32, expected f64");
  std::vector<float> two(2);
  EXPECT_EQ(
      message_of<DataError>([&] { reader.read("x", Kind::f32, std::as_writable_bytes(std::span(two))); }),
      prefix + "x: has 12 bytes, expected 8");
  EXPECT_EQ(message_of<DataError>([&] { return reader.info("/"); }), prefix + "/: is not an array");
}

TEST_F(ContainerRefusal, RefusesSizesThatDoNotMatch) {
  ContainerWriter writer(path("f.h5"));
  const std::vector<float> three(3);
  EXPECT_THROW(writer.write<float>("x", {2}, three), std::logic_error);
  EXPECT_THROW(writer.write<float>("x", {-3}, three), std::logic_error);
  EXPECT_THROW(writer.create("x", Kind::f64, {INT64_MAX, 2}), std::logic_error);
}

TEST_F(ContainerRefusal, TellsMissingFilesFromDamagedOnes) {
  EXPECT_EQ(message_of<Error>([&] { const ContainerReader reader(path("none.h5")); }),
            "open " + path("none.h5").native() + ": No such file or directory");
  EXPECT_THROW(const ContainerReader reader(folder()), Error);
  write_text_atomically(path("text.h5"), "not HDF5 at all");
  EXPECT_NE(message_of<DataError>([&] {
              const ContainerReader reader(path("text.h5"));
            }).find("not a whole HDF5 file"),
            std::string::npos);
  write_text_atomically(path("empty.h5"), "");
  EXPECT_THROW(const ContainerReader reader(path("empty.h5")), DataError);
}

TEST_F(ContainerRefusal, RefusesATruncatedFileWhereverItIsCut) {
  ContainerWriter writer(path("f.h5"));
  write_counting<double>(writer, "x", {500});
  writer.attribute("/", "seed", 5);
  writer.close();
  const std::string whole = read_text(path("f.h5"));
  for (const std::size_t kept : {whole.size() - 1, whole.size() / 2, std::size_t{100}, std::size_t{9}}) {
    write_text_atomically(path("cut.h5"), whole.substr(0, kept));
    EXPECT_THROW(const ContainerReader reader(path("cut.h5")), DataError) << kept;
  }
}

TEST_F(ContainerRefusal, NeverCrashesOnFlippedBytes) {
  ContainerWriter writer(path("f.h5"));
  write_counting<std::int32_t>(writer, "g/x", {8});
  writer.write_text("text", "words");
  writer.attribute("/", "seed", 5);
  writer.close();
  const std::string whole = read_text(path("f.h5"));
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += 17) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    std::ofstream(path("flipped.h5"), std::ios::binary) << flipped;
    try {
      const ContainerReader reader(path("flipped.h5"));
      static_cast<void>(reader.read<std::int32_t>("g/x"));
      static_cast<void>(reader.read_text("text"));
      static_cast<void>(reader.int_attribute("/", "seed"));
    } catch (const DataError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 5);
}

TEST_F(ContainerRefusal, RefusesAnArrayThatClaimsMoreThanTheFileHas) {
  ContainerWriter writer(path("f.h5"));
  write_counting<std::int64_t>(writer, "x", {7919});
  writer.close();
  std::string bytes = read_text(path("f.h5"));
  const std::string extent("\xEF\x1E\0\0\0\0\0\0", 8);
  std::size_t patched = 0;
  for (std::size_t at = 0; (at = bytes.find(extent, at)) != std::string::npos; ++patched) bytes[at + 6] = 1;
  ASSERT_GT(patched, 0u);
  write_text_atomically(path("lie.h5"), bytes);
  const ContainerReader reader(path("lie.h5"));
  const std::string thrown = message_of<DataError>([&] { return reader.read<std::int64_t>("x"); });
  EXPECT_NE(thrown.find("x: claims more data than the file's"), std::string::npos) << thrown;
}

TEST_F(ContainerRefusal, ReportsAFullDiskWithFileAndObject) {
  const std::string thrown = thrown_under_limit(10000, [&] {
    ContainerWriter writer(path("f.h5"));
    write_counting<double>(writer, "model/weight", {5000});
    writer.close();
  });
  EXPECT_EQ(thrown,
            "write " + path("f.h5").native() +
                ": model/weight: file size limit reached (File too large); raise it with 'ulimit -f' and "
                "start again");
}

TEST_F(ContainerRefusal, ReportsAFullDiskAtClose) {
  const std::string thrown = thrown_under_limit(1000, [&] {
    ContainerWriter writer(path("f.h5"));
    writer.attribute("/", "seed", 5);
    writer.attribute("/", "text", std::string(3000, 'x'));
    writer.close();
  });
  EXPECT_NE(thrown.find("close: file size limit reached"), std::string::npos) << thrown;
  EXPECT_EQ(thrown.find("the child died"), std::string::npos) << thrown;
}

TEST_F(ContainerRefusal, SaysWhichFileCannotBeCreated) {
  const std::string thrown = message_of<Error>([&] { const ContainerWriter writer(path("no/f.h5")); });
  EXPECT_EQ(thrown, "create " + path("no/f.h5").native() + ": No such file or directory");
}

}  // namespace
}  // namespace cohort::store
