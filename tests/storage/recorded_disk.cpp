#include "tests/storage/recorded_disk.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace necknode::storage {
namespace {

constexpr std::size_t kSectorBytes = 512;

bool Chance(std::mt19937& random, double probability) {
  return std::bernoulli_distribution(probability)(random);
}

// `path` from `root` on; false where it lies elsewhere.
bool MakeRelative(std::filesystem::path& path, const std::filesystem::path& root) {
  auto relative = path.lexically_relative(root);
  if (relative.empty() || *relative.begin() == "..")
    return false;
  path = relative == "." ? std::filesystem::path() : std::move(relative);
  return true;
}

}  // namespace

DiskLog::DiskLog(std::filesystem::path root, std::vector<DiskChange> before, std::size_t cut)
    : root_(std::move(root)), cut_(cut), changes_(std::move(before)) {}

bool DiskLog::Add(DiskChange change) {
  if (!MakeRelative(change.path, root_))
    return true;
  if (change.what == DiskChange::What::kLink)
    MakeRelative(change.name, root_);
  const std::lock_guard lock(mutex_);
  if (changes_.size() >= cut_)
    return false;
  changes_.push_back(std::move(change));
  return true;
}

std::size_t DiskLog::size() const {
  const std::lock_guard lock(mutex_);
  return changes_.size();
}

std::vector<DiskChange> DiskLog::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

Disk::Disk() : root_(std::make_shared<Node>()) { root_->folder = true; }

std::shared_ptr<Disk::Node> Disk::Find(const std::filesystem::path& path) const {
  auto node = root_;
  for (const auto& part : path) {
    const auto found = node->names.find(part.string());
    if (found == node->names.end())
      return nullptr;
    node = found->second;
  }
  return node;
}

void Disk::Apply(const DiskChange& change) {
  using What = DiskChange::What;
  const auto node = Find(change.path);
  const auto folder = Find(change.path.parent_path());
  const auto name = change.path.filename().string();
  switch (change.what) {
    case What::kMakeFolder:
    case What::kCreate:
      if (node == nullptr) {
        auto& made = folder->names[name] = std::make_shared<Node>();
        made->folder = change.what == What::kMakeFolder;
      }
      return;
    case What::kLink:
      Find(change.name.parent_path())->names[change.name.filename().string()] = node;
      return;
    case What::kRemove:
      if (folder != nullptr)
        folder->names.erase(name);
      return;
    default:
      break;
  }
  if (node == nullptr)
    return;  // written through a descriptor whose name is gone
  if (change.what == What::kSyncFolder) {
    node->synced_names = node->names;
  } else if (change.what == What::kSyncFile) {
    node->synced = Latest(*node);
    node->unsynced.clear();
  } else {
    node->unsynced.push_back({change.what == What::kTruncate, change.offset, change.bytes});
  }
}

void Disk::Do(const Change& change, std::string& bytes) {
  if (change.truncates) {
    bytes.resize(change.offset);
    return;
  }
  bytes.resize(std::max(bytes.size(), change.offset + change.bytes.size()));
  bytes.replace(change.offset, change.bytes.size(), change.bytes);
}

std::string Disk::Latest(const Node& file) {
  std::string bytes = file.synced;
  for (const auto& change : file.unsynced)
    Do(change, bytes);
  return bytes;
}

std::string Disk::Some(const Node& file, std::mt19937& random) {
  std::string bytes = file.synced;
  if (Chance(random, 0.5)) {
    // The first changes, the last of them in part.
    auto count = std::uniform_int_distribution<std::size_t>(0, file.unsynced.size())(random);
    for (const auto& change : file.unsynced) {
      if (count-- == 0) {
        Change part = change;
        part.bytes.resize(std::uniform_int_distribution<std::size_t>(0, part.bytes.size())(random));
        if (!part.truncates)
          Do(part, bytes);
        break;
      }
      Do(change, bytes);
    }
    return bytes;
  }
  // Any sectors; those of a grown file that did not come are zeros, and so may all of them be.
  const std::string latest = Latest(file);
  const double probability = std::uniform_int_distribution(0, 3)(random) / 4.0;
  if (Chance(random, 0.7))
    bytes.resize(latest.size());
  for (std::size_t at = 0; at < std::min(bytes.size(), latest.size()); at += kSectorBytes) {
    const auto count = std::min({kSectorBytes, bytes.size() - at, latest.size() - at});
    if (Chance(random, probability))
      bytes.replace(at, count, latest, at, count);
  }
  return bytes;
}

std::string Disk::Left(const Node& file, Loss loss, std::mt19937& random) {
  if (file.unsynced.empty() || loss == Loss::kAll || loss == Loss::kBytes)
    return file.synced;
  if (loss == Loss::kZeros) {
    std::string bytes = file.synced;
    bytes.resize(Latest(file).size());
    return bytes;
  }
  return loss == Loss::kSome ? Some(file, random) : Latest(file);
}

void Disk::Leave(const Node& folder,
                 const std::filesystem::path& to,
                 Loss loss,
                 std::mt19937& random,
                 Contents& contents) {
  std::set<std::string> all;
  for (const auto* names : {&folder.names, &folder.synced_names}) {
    for (const auto& [name, node] : *names)
      all.insert(name);
  }
  const double probability = std::uniform_int_distribution(1, 3)(random) / 4.0;
  for (const auto& name : all) {
    const bool latest = loss == Loss::kNothing || loss == Loss::kBytes || loss == Loss::kZeros ||
                        (loss == Loss::kSome && Chance(random, probability));
    const auto& names = latest ? folder.names : folder.synced_names;
    const auto found = names.find(name);
    if (found == names.end())
      continue;
    const Node& node = *found->second;
    if (node.folder) {
      std::filesystem::create_directory(to / name);
      Leave(node, to / name, loss, random, contents);
      continue;
    }
    // Two names of one file show the same bytes.
    auto [content, is_new] = contents.try_emplace(&node);
    if (is_new)
      content->second = Left(node, loss, random);
    std::ofstream(to / name, std::ios::binary) << content->second;
  }
}

void Disk::LeaveIn(const std::filesystem::path& to, Loss loss, std::mt19937& random) const {
  Contents contents;
  Leave(*root_, to, loss, random, contents);
}

}  // namespace necknode::storage
