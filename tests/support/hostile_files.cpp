// One list of every attack that takes the library to write; longer than other files since each is a few lines
// and they share one recipe. Attacks on the bytes of the structure: hostile_structure_files.cpp.
#include "support/hostile_files.hpp"

#include <hdf5.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

namespace cohort::store {
namespace {

namespace fs = std::filesystem;

/// Closes an identifier of any sort.
class Id {
 public:
  Id(hid_t id) : id_(id) {}  // NOLINT(google-explicit-constructor): reads as the library's own calls
  ~Id() {
    if (id_ > 0) H5Idec_ref(id_);
  }
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Id(const Id&) = delete;
  Id& operator=(const Id&) = delete;
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)

 private:
  hid_t id_;
};

constexpr std::array<float, 6> kValues{1, 2, 3, 4, 5, 6};

Id simple(std::vector<hsize_t> extents) {
  return H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
}

/// An array with its properties; values are written where given.
void put(hid_t place, const char* name, hid_t type, hid_t space, hid_t properties, const void* values) {
  const Id dataset(H5Dcreate2(place, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT));
  if (values != nullptr) H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
}

Id properties() {
  return H5Pcreate(H5P_DATASET_CREATE);
}

/// Who makes which part; the parts of a good file unless replaced.
struct Recipe {
  std::function<void(hid_t root)> header = [](hid_t root) {
    const Id dataset(
        H5Dcreate2(root, "header", H5T_STD_U8LE, simple({5}), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dwrite(dataset, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, "hello");
  };
  std::function<void(hid_t group)> w = [](hid_t group) {
    put(group, "w", H5T_IEEE_F32LE, simple({2, 3}), H5P_DEFAULT, kValues.data());
  };
  std::function<void(hid_t group)> s = [](hid_t group) {
    const Id inner(H5Gcreate2(group, "s", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    put(inner, "v", H5T_IEEE_F32LE, simple({2}), H5P_DEFAULT, kValues.data());
  };
  std::function<void(hid_t root)> p = [this](hid_t root) {
    const Id group(H5Gcreate2(root, "p", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    w(group);
    s(group);
  };
  std::function<void(hid_t root)> more = [](hid_t) {};
  hsize_t user_block = 0;
  H5F_libver_t version = H5F_LIBVER_EARLIEST;

  void write(const fs::path& path) const {
    const Id creation(H5Pcreate(H5P_FILE_CREATE)), access(H5Pcreate(H5P_FILE_ACCESS));
    if (user_block > 0) H5Pset_userblock(creation, user_block);
    H5Pset_libver_bounds(access, version, H5F_LIBVER_V110);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    const Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access));
    header(file);
    p(file);
    more(file);
  }
};

void attribute(hid_t file, const char* object) {
  const Id owner(H5Oopen(file, object, H5P_DEFAULT));
  const Id made(H5Acreate2(owner, "note", H5T_STD_I32LE, simple({1}), H5P_DEFAULT, H5P_DEFAULT));
}

/// All attacks and where they are written; `victim` and `secret` are files of the host.
class Writer {
 public:
  explicit Writer(fs::path folder)
      : folder_(std::move(folder)),
        victim_((folder_ / "victim.h5").native()),
        secret_((folder_ / "secret.txt").native()) {
    Recipe().write(victim_);
    std::ofstream(secret_) << kSecret;
  }

  std::vector<HostileFile> write() {
    links();
    storage();
    shapes_and_types();
    structure();
    bytes();
    not_files();
    for (HostileFile& file : write_structure_files(folder_)) files_.push_back(std::move(file));
    return std::move(files_);
  }

 private:
  using Change = std::function<void(Recipe&)>;

  void add(const std::string& name, HostileProblem problem, const std::string& detail, const Change& change) {
    Recipe recipe;
    change(recipe);
    recipe.write(folder_ / name);
    files_.push_back({name, problem, detail});
  }
  void refuse(const std::string& name, const std::string& detail, const Change& change) {
    add(name, HostileProblem::format, detail, change);
  }
  void w_as(const std::string& name, HostileProblem problem, const std::string& detail,
            const std::function<void(hid_t p)>& w) {
    add(name, problem, detail, [&](Recipe& recipe) { recipe.w = w; });
  }

  void links() {
    constexpr auto format = HostileProblem::format;
    const std::string words = "not a hard link";
    w_as("external_link", format, words,
         [this](hid_t p) { H5Lcreate_external(victim_.c_str(), "/p/w", p, "w", H5P_DEFAULT, H5P_DEFAULT); });
    refuse("external_link_to_group", words, [this](Recipe& recipe) {
      recipe.p = [this](hid_t root) {
        H5Lcreate_external(victim_.c_str(), "/p", root, "p", H5P_DEFAULT, H5P_DEFAULT);
      };
    });
    w_as("soft_link", format, words,
         [](hid_t p) { H5Lcreate_soft("/p/s/v", p, "w", H5P_DEFAULT, H5P_DEFAULT); });
    refuse("soft_link_to_external_link", "", [this](Recipe& recipe) {
      recipe.w = [](hid_t p) { H5Lcreate_soft("/far", p, "w", H5P_DEFAULT, H5P_DEFAULT); };
      recipe.more = [this](hid_t root) {
        H5Lcreate_external(victim_.c_str(), "/p/w", root, "far", H5P_DEFAULT, H5P_DEFAULT);
      };
    });
    refuse("cycle_to_root", "", [](Recipe& recipe) {
      recipe.s = [](hid_t p) { H5Lcreate_hard(p, "/", p, "s", H5P_DEFAULT, H5P_DEFAULT); };
    });
    refuse("cycle_to_itself", "linked more than once", [](Recipe& recipe) {
      recipe.s = [](hid_t p) { H5Lcreate_hard(p, ".", p, "s", H5P_DEFAULT, H5P_DEFAULT); };
    });
    refuse("linked_twice", "", [](Recipe& recipe) {
      recipe.more = [](hid_t root) { H5Lcreate_hard(root, "p/w", root, "again", H5P_DEFAULT, H5P_DEFAULT); };
    });
  }

  void storage() {
    constexpr auto format = HostileProblem::format;
    w_as("external_storage", format, "kept in another file", [this](hid_t p) {
      const Id made = properties();
      H5Pset_external(made, secret_.c_str(), 0, sizeof kValues);
      put(p, "w", H5T_IEEE_F32LE, simple({2, 3}), made, nullptr);
    });
    w_as("virtual", format, "form that is not read", [this](hid_t p) {
      const Id made = properties(), space = simple({2, 3});
      H5Pset_virtual(made, space, victim_.c_str(), "/p/w", space);
      put(p, "w", H5T_IEEE_F32LE, space, made, nullptr);
    });
    w_as("chunked", format, "neither contiguous nor compact", [](hid_t p) {
      put(p, "w", H5T_IEEE_F32LE, simple({2, 3}), chunked({2, 3}), nullptr);
    });
    w_as("deflated", format, "neither contiguous nor compact", [](hid_t p) {
      const Id made = chunked({2, 3});
      H5Pset_deflate(made, 9);
      put(p, "w", H5T_IEEE_F32LE, simple({2, 3}), made, kValues.data());
    });
    w_as("deflate_bomb", HostileProblem::size, "other extents", [](hid_t p) {
      const hsize_t count = hsize_t{4} << 20;
      const Id made = chunked({count});
      H5Pset_deflate(made, 9);
      const std::vector<float> zeros(count);
      put(p, "w", H5T_IEEE_F32LE, simple({count}), made, zeros.data());
    });
    w_as("never_written", format, "not wholly stored", [](hid_t p) {
      put(p, "w", H5T_IEEE_F32LE, simple({2, 3}), H5P_DEFAULT, nullptr);
    });
  }

  void shapes_and_types() {
    constexpr auto size = HostileProblem::size;
    const std::string extents = "other extents", type = "another type";
    const auto shaped = [](std::vector<hsize_t> wanted) {
      return [wanted](hid_t p) { put(p, "w", H5T_IEEE_F32LE, simple(wanted), H5P_DEFAULT, nullptr); };
    };
    const auto typed = [](hid_t wanted) {
      return [wanted](hid_t p) { put(p, "w", wanted, simple({2, 3}), H5P_DEFAULT, kValues.data()); };
    };
    w_as("four_tebibytes", size, extents, shaped({hsize_t{1} << 40}));
    w_as("four_tebibytes_chunked", size, extents,
         [](hid_t p) { put(p, "w", H5T_IEEE_F32LE, simple({hsize_t{1} << 40}), chunked({1024}), nullptr); });
    w_as("transposed", size, extents, shaped({3, 2}));
    w_as("flat", size, extents, shaped({6}));
    w_as("scalar", size, extents,
         [](hid_t p) { put(p, "w", H5T_IEEE_F32LE, Id(H5Screate(H5S_SCALAR)), H5P_DEFAULT, nullptr); });
    w_as("no_elements", size, extents,
         [](hid_t p) { put(p, "w", H5T_IEEE_F32LE, Id(H5Screate(H5S_NULL)), H5P_DEFAULT, nullptr); });
    w_as("big_endian", HostileProblem::format, type, typed(H5T_IEEE_F32BE));
    w_as("doubles", HostileProblem::format, type, typed(H5T_IEEE_F64LE));
    w_as("integers", HostileProblem::format, type, typed(H5T_STD_I32LE));
    w_as("odd_floats", HostileProblem::format, type, [](hid_t p) {
      const Id odd(H5Tcopy(H5T_IEEE_F32LE));
      H5Tset_ebias(odd, 100);
      put(p, "w", odd, simple({2, 3}), H5P_DEFAULT, kValues.data());
    });
    w_as("compound", HostileProblem::format, type, [](hid_t p) {
      const Id pair(H5Tcreate(H5T_COMPOUND, sizeof(float)));
      H5Tinsert(pair, "x", 0, H5T_IEEE_F32LE);
      put(p, "w", pair, simple({2, 3}), H5P_DEFAULT, nullptr);
    });
    w_as("references", HostileProblem::format, type, [](hid_t p) {
      put(p, "w", H5T_STD_REF_OBJ, simple({2, 3}), H5P_DEFAULT, nullptr);
    });
    w_as("texts_of_any_length", HostileProblem::format, type, [](hid_t p) {
      const Id text(H5Tcopy(H5T_C_S1));
      H5Tset_size(text, H5T_VARIABLE);
      put(p, "w", text, simple({2, 3}), H5P_DEFAULT, nullptr);
    });
    w_as("named_type", HostileProblem::format, "form that is not read", [](hid_t p) {
      const Id named(H5Tcopy(H5T_IEEE_F32LE));
      H5Tcommit_anon(p, named, H5P_DEFAULT, H5P_DEFAULT);
      put(p, "w", named, simple({2, 3}), H5P_DEFAULT, kValues.data());
    });
    add("long_header", size, extents, [](Recipe& recipe) {
      recipe.header = [](hid_t root) {
        put(root, "header", H5T_STD_U8LE, simple({17}), H5P_DEFAULT, nullptr);
      };
    });
  }

  void structure() {
    const std::string unexpected = "not expected", attributes = "attributes";
    add("good", HostileProblem::none, "", [](Recipe&) {});
    add("format_of_1_8", HostileProblem::none, "", [](Recipe& recipe) { recipe.version = H5F_LIBVER_V18; });
    refuse("format_of_1_10", "form that is not read",
           [](Recipe& recipe) { recipe.version = H5F_LIBVER_V110; });
    refuse("dense_group", "form that is not read", [](Recipe& recipe) {
      recipe.s = [](hid_t group) {
        const Id made(H5Pcreate(H5P_GROUP_CREATE));
        H5Pset_link_creation_order(made, H5P_CRT_ORDER_TRACKED);
        H5Pset_link_phase_change(made, 0, 0);
        const Id inner(H5Gcreate2(group, "s", H5P_DEFAULT, made, H5P_DEFAULT));
        put(inner, "v", H5T_IEEE_F32LE, simple({2}), H5P_DEFAULT, kValues.data());
      };
    });
    w_as("compact", HostileProblem::none, "", [](hid_t p) {
      const Id made = properties();
      H5Pset_layout(made, H5D_COMPACT);
      put(p, "w", H5T_IEEE_F32LE, simple({2, 3}), made, kValues.data());
    });
    refuse("user_block", "does not begin", [](Recipe& recipe) { recipe.user_block = 512; });
    for (const char* object : {"/", "/p", "/p/w"}) {
      const std::string suffix = object == std::string("/")    ? "_root"
                                 : object == std::string("/p") ? "_group"
                                                               : "";
      refuse("attribute" + suffix, attributes,
             [object](Recipe& recipe) { recipe.more = [object](hid_t root) { attribute(root, object); }; });
    }
    refuse("extra_array", unexpected, [](Recipe& recipe) {
      recipe.more = [](hid_t root) {
        put(root, "x", H5T_IEEE_F32LE, simple({2}), H5P_DEFAULT, kValues.data());
      };
    });
    refuse("extra_type", unexpected, [](Recipe& recipe) {
      recipe.more = [](hid_t root) {
        const Id named(H5Tcopy(H5T_IEEE_F32LE));
        H5Tcommit2(root, "x", named, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      };
    });
    refuse("missing_array", "is not there", [](Recipe& recipe) { recipe.w = [](hid_t) {}; });
    w_as("group_for_array", HostileProblem::format, "not an array",
         [](hid_t p) { const Id made(H5Gcreate2(p, "w", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT)); });
    refuse("array_for_group", "does not stand in a group", [](Recipe& recipe) {
      recipe.s = [](hid_t p) { put(p, "s", H5T_IEEE_F32LE, simple({2}), H5P_DEFAULT, kValues.data()); };
    });
  }

  void bytes() {
    std::ifstream file(folder_ / "good", std::ios::binary);
    const std::string good{std::istreambuf_iterator<char>(file), {}};
    bytes_as("empty", HostileProblem::format, "does not begin", "");
    bytes_as("text", HostileProblem::format, "does not begin", std::string(kSecret));
    bytes_as("signature_only", HostileProblem::format, "cut short", good.substr(0, 8));
    bytes_as("truncated", HostileProblem::format, "", good.substr(0, good.size() / 2));
    bytes_as("short_by_one", HostileProblem::format, "", good.substr(0, good.size() - 1));
    bytes_as("shifted", HostileProblem::format, "does not begin", std::string(512, '\0') + good);
    bytes_as("oversized", HostileProblem::size, "longer", good + std::string(std::size_t{1} << 20, 'x'));
    bytes_as("sparse", HostileProblem::size, "longer", good);
    fs::resize_file(folder_ / "sparse", std::uintmax_t{1} << 40);
  }

  void bytes_as(const std::string& name, HostileProblem problem, const std::string& detail,
                const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    files_.push_back({name, problem, detail});
  }

  void not_files() {
    fs::create_directory(folder_ / "folder");
    ::mkfifo((folder_ / "pipe").c_str(), 0600);
    fs::create_symlink(folder_ / "good", folder_ / "symbolic_link");
    files_.push_back({"folder", HostileProblem::format, "not a regular file"});
    files_.push_back({"pipe", HostileProblem::format, "not a regular file"});
    files_.push_back({"symbolic_link", HostileProblem::format, "symbolic link"});
    files_.push_back({"absent", HostileProblem::missing, "no such file"});
  }

  static Id chunked(std::vector<hsize_t> extents) {
    Id made = properties();
    H5Pset_chunk(made, static_cast<int>(extents.size()), extents.data());
    return made;
  }

  fs::path folder_;
  std::string victim_, secret_;
  std::vector<HostileFile> files_;
};

}  // namespace

std::vector<ExpectedArray> tiny_expectation() {
  return {{"header", Kind::u8, {}, 16}, {"p/w", Kind::f32, {2, 3}, 0}, {"p/s/v", Kind::f32, {2}, 0}};
}

std::vector<ExpectedArray> lenient_expectation() {
  std::vector<ExpectedArray> expected = tiny_expectation();
  expected.push_back({"title", Kind::u8, {}, 8, true, true});
  expected.push_back({"count", Kind::i64, {}, 0, true, true});
  expected.push_back({"o/w", Kind::f32, {2}, 0, true});
  return expected;
}

std::vector<HostileFile> write_hostile_files(const fs::path& folder) {
  return Writer(folder).write();
}

}  // namespace cohort::store
