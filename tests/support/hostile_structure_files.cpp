// Attacks on what the library follows inside a file: places are those of the HDF5 File Format Specification,
// and of the good file as the library of this host has written it (superblock 0, groups with symbol tables).
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>

#include "support/hostile_files.hpp"

namespace cohort::store {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
constexpr std::size_t kNodeBytes = 544, kLeafBytes = 328, kChildren = 32;

/// The bytes of a file, with numbers in them, the least byte first.
class Image {
 public:
  explicit Image(std::string bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

  [[nodiscard]] std::uint64_t number(std::uint64_t at, std::size_t width = 8) const {
    std::uint64_t value = 0;
    for (std::size_t i = width; i > 0; --i)
      value = value << 8 | static_cast<unsigned char>(bytes_.at(at + i - 1));
    return value;
  }
  void set(std::uint64_t at, std::uint64_t value, std::size_t width = 8) {
    for (std::size_t i = 0; i < width; ++i) bytes_.at(at + i) = static_cast<char>(value >> (8 * i) & 0xFF);
  }
  /// Where the bytes stand from now on: at the file's end, which moves.
  std::uint64_t append(std::string more) {
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
    const std::uint64_t at = bytes_.size();
    bytes_ += more;
    set(kEnd, bytes_.size());
    return at;
  }

  std::uint64_t append_node(std::uint64_t level, const std::vector<std::uint64_t>& children) {
    const std::uint64_t at = append(std::string("TREE") + std::string(kNodeBytes - 4, '\0'));
    set(at + 5, level, 1);
    set(at + 6, children.size(), 2);
    set(at + 8, kNowhere);
    set(at + 16, kNowhere);
    for (std::size_t i = 0; i < children.size(); ++i) set(at + 32 + 16 * i, children[i]);
    set(at + 24 + 16 * children.size(),
        number(root_tree() + 24 + 16 * number(root_tree() + 6, 2)));  // last key
    return at;
  }
  /// Another heap for the names of the root group, `bytes` long and without gaps; where its names begin.
  std::uint64_t move_root_heap(std::uint64_t bytes) {
    const std::uint64_t names = number(root_heap() + 24), old_bytes = number(root_heap() + 8);
    std::string data = bytes_.substr(names, std::min(old_bytes, bytes));
    const std::uint64_t head =
        append(std::string("HEAP") + std::string(28, '\0') + data + std::string(bytes - data.size(), '\0'));
    set(head + 8, bytes);
    set(head + 16, 1);
    set(head + 24, head + 32);
    set(kRootHeap, head);
    set(number(kRootHeader) + 32, head);
    return head + 32;
  }
  std::uint64_t append_empty_leaf() {
    return append(std::string("SNOD\1", 5) + std::string(kLeafBytes - 5, '\0'));
  }
  /// Part of a header: leads to another part.
  static std::string continuation(std::uint64_t address, std::uint64_t bytes) {
    Image message(std::string(24, '\0'));
    message.set(0, 0x10, 2);
    message.set(2, 16, 2);
    message.set(8, address);
    message.set(16, bytes);
    return message.bytes_;
  }

  static constexpr std::uint64_t kRootHeader = 64, kEnd = 40, kRootHeap = 88;
  [[nodiscard]] std::uint64_t root_tree() const { return number(80); }
  [[nodiscard]] std::uint64_t root_heap() const { return number(kRootHeap); }
  /// Makes it the tree of the root group.
  void set_root_tree(std::uint64_t address) {
    set(80, address);
    set(number(kRootHeader) + 24, address);
  }
  [[nodiscard]] std::uint64_t first_leaf() const { return number(root_tree() + 32); }

 private:
  std::string bytes_;
};

/// The real members, reached last, after `levels` levels of nodes that name one node below them 32 times.
void share_nodes(Image& image, std::uint64_t levels) {
  std::uint64_t shared = image.append_node(0, {image.append_empty_leaf()}), real = image.root_tree();
  for (std::uint64_t level = 1; level < levels; ++level) {
    shared = image.append_node(level, std::vector(kChildren, shared));
    real = image.append_node(level, {real});
  }
  image.set_root_tree(image.append_node(levels, {shared, real}));
}

/// A header of one message in front of the root's own, which leads to `blocks` blocks, each to the next; the
/// last one leads to the first or nowhere.
void chain_headers(Image& image, std::size_t blocks, bool is_loop) {
  const std::uint64_t at = image.number(Image::kRootHeader), bytes = image.number(at + 8, 4);
  const std::uint64_t first = image.append(std::string(24 * blocks, '\0'));
  for (std::size_t i = 0; i < blocks; ++i) {
    const bool is_last = i + 1 == blocks;
    const std::string message = is_last && !is_loop
                                    ? std::string(2, '\0') + std::string("\20\0", 2) + std::string(20, '\0')
                                    : Image::continuation(first + (is_last ? 0 : 24 * (i + 1)), 24);
    for (std::size_t j = 0; j < message.size(); ++j)
      image.set(first + 24 * i + j, static_cast<unsigned char>(message[j]), 1);
  }
  std::string header =
      image.bytes().substr(at, 16) + Image::continuation(first, 24) + image.bytes().substr(at + 16, bytes);
  const std::uint64_t moved = image.append(std::move(header));
  image.set(moved + 2, image.number(at + 2, 2) + 1 + blocks, 2);
  image.set(moved + 8, bytes + 24, 4);
  image.set(Image::kRootHeader, moved);
}

struct Attack {
  const char* name;
  const char* detail;
  std::function<void(Image&)> change;
};

std::vector<Attack> attacks() {
  const char *twice = "names one part twice", *many = "more parts than its members need",
             *levels = "levels of a tree", *outside = "leads out of the file",
             *form = "form that is not read";
  return {
      // The members of such a group are as they should be; the library takes the better part of a minute.
      {"tree_of_shared_nodes", twice, [](Image& image) { share_nodes(image, 7); }},
      {"tree_of_few_shared_nodes", twice, [](Image& image) { share_nodes(image, 2); }},
      {"tree_in_a_circle", twice,
       [](Image& image) {
         const std::uint64_t upper = image.append_node(1, {image.root_tree()});
         image.set(upper + 32, upper);
         image.set_root_tree(upper);
       }},
      {"tree_of_wrong_level", levels,
       [](Image& image) { image.set_root_tree(image.append_node(2, {image.root_tree()})); }},
      {"tree_of_many_levels", many,
       [](Image& image) {
         for (std::uint64_t level = 1; level < 100; ++level)
           image.set_root_tree(image.append_node(level, {image.root_tree()}));
       }},
      {"tree_of_too_many_children", many, [](Image& image) { image.set(image.root_tree() + 6, 33, 2); }},
      {"tree_out_of_file", outside, [](Image& image) { image.set(image.root_tree() + 32, kNowhere - 100); }},
      {"tree_of_chunks", form, [](Image& image) { image.set(image.root_tree() + 4, 1, 1); }},
      {"leaf_empty", many,
       [](Image& image) {
         image.set_root_tree(image.append_node(0, {image.first_leaf(), image.append_empty_leaf()}));
       }},
      {"leaf_of_too_many", many, [](Image& image) { image.set(image.first_leaf() + 6, 9, 2); }},
      {"leaf_without_signature", form, [](Image& image) { image.set(image.first_leaf(), 0, 4); }},
      {"leaf_of_unknown_entry", form, [](Image& image) { image.set(image.first_leaf() + 8 + 16, 3, 4); }},
      {"heap_of_circular_gaps", twice,
       [](Image& image) {
         const std::uint64_t data = image.number(image.root_heap() + 24);
         image.set(image.root_heap() + 16, 16);
         image.set(data + 16, 16);
         image.set(data + 24, 16);
       }},
      {"heap_out_of_file", outside, [](Image& image) { image.set(image.root_heap() + 8, kNowhere - 8); }},
      {"name_out_of_heap", outside, [](Image& image) { image.set(image.first_leaf() + 8, 1 << 20); }},
      // What stands behind a heap in memory is not the file's: a last name without an end, and a gap's second
      // half.
      {"key_without_end", outside,
       [](Image& image) {
         const std::uint64_t names = image.move_root_heap(616);
         image.set(names + 615, 's', 1);
         image.set(image.root_tree() + 40, 615);
       }},
      {"key_out_of_heap", outside, [](Image& image) { image.set(image.root_tree() + 40, 1 << 20); }},
      {"gap_over_the_end", outside,
       [](Image& image) {
         const std::uint64_t names = image.move_root_heap(200);
         image.set(image.root_heap() + 16, 192);
         image.set(names + 192, 1);
       }},
      {"gap_of_no_length", form,
       [](Image& image) {
         image.move_root_heap(200);
         image.set(image.root_heap() + 16, 184);
         image.set(image.number(image.root_heap() + 24) + 184, 1);
       }},
      {"one_heap_of_two_groups", twice,
       [](Image& image) {
         const std::uint64_t other = image.number(image.first_leaf() + 8 + 40 + 32);  // of group p
         image.set(other + 24, image.number(image.root_heap() + 24));
       }},
      {"names_out_of_order", form,
       [](Image& image) {
         const std::uint64_t first = image.first_leaf() + 8, second = first + 40;
         for (std::uint64_t i = 0; i < 40; i += 8) {
           const std::uint64_t kept = image.number(first + i);
           image.set(first + i, image.number(second + i));
           image.set(second + i, kept);
         }
       }},
      // Behind its own end a file has nothing, or zeros for those who read it with the library.
      {"end_before_the_values", outside,
       [](Image& image) { image.set(Image::kEnd, image.number(Image::kEnd) - 4); }},
      {"tree_behind_the_end", outside,
       [](Image& image) {
         const std::uint64_t end = image.number(Image::kEnd);
         image.set_root_tree(image.append_node(1, {image.root_tree()}));
         image.set(Image::kEnd, end);
       }},
      {"header_in_a_circle", twice, [](Image& image) { chain_headers(image, 2, true); }},
      {"header_of_many_blocks", many, [](Image& image) { chain_headers(image, 20, false); }},
      {"header_out_of_file", outside, [](Image& image) { image.set(image.first_leaf() + 8 + 8, kNowhere); }},
      {"large_leaves", form, [](Image& image) { image.set(16, 4096, 2); }},
      {"moved_base", "user block", [](Image& image) { image.set(24, 512); }},
  };
}

}  // namespace

std::vector<HostileFile> write_structure_files(const fs::path& folder) {
  std::ifstream good(folder / "good", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(good), {}};
  std::vector<HostileFile> files;
  const auto write = [&](const std::string& name, HostileProblem problem, const std::string& detail,
                         const std::function<void(Image&)>& change) {
    Image image(bytes);
    change(image);
    std::ofstream(folder / name, std::ios::binary) << image.bytes();
    files.push_back({name, problem, detail});
  };
  for (const auto& [name, detail, change] : attacks()) write(name, HostileProblem::format, detail, change);
  // That the attacks fail for what they are, not for how they are made.
  write("tree_of_two_levels", HostileProblem::none, "",
        [](Image& image) { image.set_root_tree(image.append_node(1, {image.root_tree()})); });
  write("header_of_three_blocks", HostileProblem::none, "",
        [](Image& image) { chain_headers(image, 2, false); });
  return files;
}

}  // namespace cohort::store
