// Which checkpoint a run goes on from: the last one, the former one, and what stands in the way.
#include <gtest/gtest.h>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "cohort/store/container.hpp"
#include "cohort/train/checkpoint.hpp"
#include "train/checkpoint_layout.hpp"
#include "unit/train/checkpoint_file.hpp"

namespace cohort::train {
namespace {

TEST_F(CheckpointFile, RotationKeepsTheFormer) {
  for (const std::int64_t step : {1, 2, 3}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.h5").step, 3);
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.prev.h5").step, 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 2)
      << "nothing else is left";
}

TEST_F(CheckpointFile, RotationLeavesNothingElseAfterAKillHalfWay) {
  for (const std::int64_t step : {1, 2}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  // Killed when the former was kept and the new one not yet in place: both names are one file.
  fs::remove(folder_.path() / "last.prev.h5");
  fs::create_hard_link(folder_.path() / "last.h5", folder_.path() / "last.prev.h5");
  Checkpoint made = checkpoint(3);
  rotate_checkpoint(folder_.path(), layout_, made);
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.h5").step, 3);
  EXPECT_EQ(read_checkpoint_header(folder_.path() / "last.prev.h5").step, 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()), 2);
}

TEST_F(CheckpointFile, NewestFallsBackToTheFormer) {
  EXPECT_FALSE(read_newest(folder_.path(), log_).has_value());
  for (const std::int64_t step : {1, 2}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  EXPECT_EQ(read_newest(folder_.path(), log_)->header.step, 2);

  const fs::path last = folder_.path() / "last.h5";
  const fs::path log_file = folder_.path() / "log.txt";
  Log log(true);
  log.set_quiet(true);
  log.open_file(log_file.string());
  fs::resize_file(last, fs::file_size(last) - 1000);
  EXPECT_EQ(read_newest(folder_.path(), log)->header.step, 1);
  EXPECT_NE(store::read_text(log_file).find("continuing from"), std::string::npos);
  EXPECT_FALSE(fs::exists(last));
  EXPECT_EQ(read_newest(folder_.path(), log_)->header.step, 1);
  fs::resize_file(folder_.path() / "last.prev.h5", 100);
  EXPECT_THROW(read_newest(folder_.path(), log_), CheckpointError);
}

TEST_F(CheckpointFile, DamageIsNeverRotatedOverTheFormer) {
  for (const std::int64_t step : {1, 2}) {
    Checkpoint made = checkpoint(step);
    rotate_checkpoint(folder_.path(), layout_, made);
  }
  const fs::path last = folder_.path() / "last.h5", former = folder_.path() / "last.prev.h5";
  flip_bit(last, static_cast<std::size_t>(
                     store::ContainerReader(last).info("optimizer/m/conv3/weight").file_offset));
  const std::string damaged = store::read_text(last);
  // A second name for the former file's data: only a file that nobody replaced still has it.
  const fs::path witness = folder_.path() / "witness";
  fs::create_hard_link(former, witness);

  Checkpoint found = *read_newest(folder_.path(), log_);
  EXPECT_EQ(found.header.step, 1);
  EXPECT_EQ(store::read_text(folder_.path() / "last.damaged.h5"), damaged)
      << "kept for whoever looks into it";
  rotate_checkpoint(folder_.path(), layout_, found);
  EXPECT_TRUE(fs::equivalent(former, witness)) << "a crash before the last rename would have lost both";
  EXPECT_EQ(read_checkpoint(former).header.step, 1);
  EXPECT_EQ(read_checkpoint(last).header.step, 1);

  Checkpoint next = checkpoint(3);
  rotate_checkpoint(folder_.path(), layout_, next);
  EXPECT_EQ(read_checkpoint(last).header.step, 3);
  EXPECT_FALSE(fs::equivalent(former, witness)) << "rotation goes on with a whole last file";
}

TEST_F(CheckpointFile, WhatTheSystemDoesNotGiveIsNoDamage) {
  // A file whose first byte cannot be read, as on a failing disk.
  const fs::path unreadable = "/proc/self/mem";
  if (!fs::exists(unreadable)) GTEST_SKIP() << "this system has no " << unreadable;
  saved(folder_.path() / "last.prev.h5", 1);
  const fs::path last = folder_.path() / "last.h5";
  fs::create_symlink(unreadable, last);
  const std::string words = failure_of([&] { read_newest(folder_.path(), log_); });
  EXPECT_EQ(words, concat("read checkpoint ", last.string(), ": Input/output error"));
  EXPECT_TRUE(fs::is_symlink(last)) << "left where it is";
  EXPECT_FALSE(fs::exists(folder_.path() / "last.damaged.h5"));

  fs::remove(last);
  fs::create_directory(last);
  EXPECT_NE(failure_of([&] { read_newest(folder_.path(), log_); }).find("not a regular file"),
            std::string::npos);
  EXPECT_TRUE(fs::is_directory(last));
}

TEST_F(CheckpointFile, AnotherFormatIsNoDamage) {
  saved(folder_.path() / "last.prev.h5", 1);
  const fs::path last = folder_.path() / "last.h5";
  store::ContainerWriter writer(last);
  writer.attribute("/", "format", std::string_view(kCheckpointFormat));
  writer.attribute("/", "format_version", std::int64_t{kCheckpointFormatVersion} + 1);
  writer.close();
  const std::string words = failure_of([&] { read_newest(folder_.path(), log_); });
  EXPECT_NE(words.find("its format_version is 2, this program reads 1"), std::string::npos) << words;
  EXPECT_TRUE(fs::exists(last));
  EXPECT_FALSE(fs::exists(folder_.path() / "last.damaged.h5"));
}

TEST_F(CheckpointFile, DamageStaysInPlaceWhenThereIsNothingElse) {
  saved(folder_.path() / "last.h5", 1);
  saved(folder_.path() / "last.prev.h5", 2);
  for (const char* name : {"last.h5", "last.prev.h5"}) fs::resize_file(folder_.path() / name, 100);
  EXPECT_THROW(read_newest(folder_.path(), log_), CheckpointError);
  EXPECT_TRUE(fs::exists(folder_.path() / "last.h5"));
  EXPECT_FALSE(fs::exists(folder_.path() / "last.damaged.h5"));
}

}  // namespace
}  // namespace cohort::train
