#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/storage/recorded_node.h"

namespace necknode::storage {

/// Opens the data folder `data` as a node does at its start after a boot, looks at all of it and
/// lets it work on. Returns the first thing that is wrong, or empty: a promise that holds after
/// `cut` changes and is not kept, a row without its whole file, a damaged database, a job with two
/// reports, a store that does not go on.
[[nodiscard]] std::string BrokenPromise(const std::filesystem::path& data,
                                        const std::vector<Promise>& promises,
                                        std::size_t cut);

/// Those that hold after `cut` changes, for a folder to which more is done.
[[nodiscard]] std::vector<Promise> HoldingAt(std::size_t cut, const std::vector<Promise>& promises);

/// Those of a power cut.
inline constexpr std::array kLosses = {
    Loss::kAll, Loss::kBytes, Loss::kZeros, Loss::kNames, Loss::kSome};

/// Recorded changes, with the power cut after any of them.
class PowerCuts {
 public:
  /// Says which syncs do nothing.
  using Ignored = std::function<bool(const DiskChange&)>;

  explicit PowerCuts(std::vector<DiskChange> changes, Ignored ignored = {})
      : changes_(std::move(changes)), ignored_(std::move(ignored)) {}

  /// Writes what a cut after `cut` changes leaves into the empty folder `to`. Quick where `cut` is
  /// not below that of the call before.
  void Leave(std::size_t cut, Loss loss, unsigned seed, const std::filesystem::path& to);
  /// Tries every cut, the last one first, with a loss by chance and one of the others in turn.
  /// Returns the first that breaks a promise, or empty.
  [[nodiscard]] std::string FirstLoss(const std::vector<Promise>& promises);
  [[nodiscard]] std::size_t size() const { return changes_.size(); }
  /// What is wrong after such a cut, as BrokenPromise says it, in a folder that is gone afterwards.
  [[nodiscard]] std::string Broken(std::size_t cut,
                                   Loss loss,
                                   unsigned seed,
                                   const std::vector<Promise>& promises);

 private:
  const std::vector<DiskChange> changes_;
  const Ignored ignored_;
  Disk disk_;
  std::size_t applied_ = 0;
};

/// Starts a node on the data folder in `root` as its roles do, and ends it. Returns the changes:
/// `before`, which led to what `root` holds, and its own.
[[nodiscard]] std::vector<DiskChange> Restart(const std::filesystem::path& root,
                                              std::vector<DiskChange> before);

/// What was acknowledged before stands in `folder`, durable: the changes that make it so.
[[nodiscard]] std::vector<DiskChange> ChangesThatMake(const std::filesystem::path& folder);

/// What a sync is for: who makes it, and the file or folder with the random part of its name left
/// out.
[[nodiscard]] std::string KindOf(const DiskChange& sync);
/// Leaves out the syncs of one kind.
[[nodiscard]] PowerCuts::Ignored Without(std::string_view kind);

/// A sync that SQLite makes, but need not: of its folder for a new log (a build option leaves it
/// out), and of a copy by VACUUM INTO (its documentation says that none is made). Storage may not
/// count on them, so no test here does.
[[nodiscard]] bool IsNotReliedOn(const DiskChange& sync);

}  // namespace necknode::storage
