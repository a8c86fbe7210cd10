// What a reader says of a run's own file, and what that comes to for who needs it.
#include "round/unread_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "cohort/core/error.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

constexpr const char* kAdvice = "; remove it";

TEST(RefuseUnread, SendsNobodyToRemoveWhatMayBeSound) {
  tests::TemporaryFolder folder("unread");
  const fs::path there = folder.path() / "link.h5", unknown = folder.path() / std::string(300, 'n');
  std::ofstream(there) << "sound";
  for (const fs::path& path : {there, unknown})  // of a name that is too long the system says nothing
    try {
      refuse_unread(path, Verdict::transient, "this machine cannot read it", kAdvice);
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::failed);
      EXPECT_THAT(e.what(), AllOf(HasSubstr(concat(path.string(), ": this machine cannot read it")),
                                  HasSubstr("run the same command again"), Not(HasSubstr("remove"))));
    }
}

TEST(RefuseUnread, SaysWhatToDoAboutDamage) {
  tests::TemporaryFolder folder("damaged");
  const fs::path there = folder.path() / "link.h5";
  std::ofstream(there) << "no state";
  const auto damage = ThrowsMessage<CheckpointError>(AllOf(HasSubstr("link.h5: why; remove it")));
  EXPECT_THAT([&] { refuse_unread(there, Verdict::chain, "why", kAdvice); }, damage);
  fs::remove(there);
  EXPECT_THAT([&] { refuse_unread(there, Verdict::transient, "why", kAdvice); }, damage);
}

TEST(WhyUnread, NamesTheFileAndTheWayOut) {
  tests::TemporaryFolder folder("why_unread");
  const fs::path file = folder.path() / "device-01.h5", unknown = folder.path() / std::string(300, 'n');
  std::ofstream(file) << "sound";
  EXPECT_EQ(why_unread(file), concat(" (", file.string(), ")"));
  EXPECT_EQ(why_unread(unknown), concat(" (", unknown.string(), ": File name too long)"));
  if (geteuid() == 0) return;  // who may read everything
  fs::permissions(file, fs::perms::none);
  EXPECT_EQ(why_unread(file),
            concat(" (", file.string(),
                   ": Permission denied; give this user the right to read it, or set it aside)"));
}

}  // namespace
}  // namespace cohort::round
