#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/digest.h"
#include "core/uid.h"
#include "dicom_io/scanner.h"
#include "scp/command_set.h"
#include "storage/object_store.h"
#include "storage/study_index.h"

namespace necknode::scp {

/// What the association says about an object before its first byte.
struct ObjectIdentity {
  Uid sop_class_uid, sop_instance_uid;  ///< of the C-STORE-RQ
  Uid transfer_syntax_uid;              ///< of the presentation context
  std::string calling_ae, called_ae;
  std::string move_originator = {};  ///< whose C-MOVE it answers, or empty
};

/// Preamble and meta group (PS3.10 section 7.1) of a file whose dataset is in the identity's
/// transfer syntax.
[[nodiscard]] std::vector<std::byte> EncodePart10Header(const ObjectIdentity& identity);

/// One dataset on its way from the network to a file: written, scanned and digested as it comes.
/// Keeps no bytes. After a failure the rest of the dataset is taken and dropped, so that the
/// association goes on. Not thread safe.
class IncomingObject {
 public:
  /// What is to be done with a complete object. Exactly one of `instance`, `rejected` and neither
  /// is set.
  struct Outcome {
    CommandResponse
        response;  ///< to be sent, except for `instance`, whose answer is the committer's
    std::optional<storage::ReceivedInstance> instance;
    std::unique_ptr<storage::ObjectWriter> rejected;  ///< for the quarantine
    std::string reason;           ///< of `rejected`, or what could not be stored
    bool storage_failed = false;  ///< the process must stop acknowledging
  };

  /// Opens a file and writes its header; what goes wrong shows in Finish(). `objects` must outlive
  /// it.
  IncomingObject(storage::ObjectStore& objects, ObjectIdentity identity, std::uint64_t max_bytes);
  void Append(std::span<const std::byte> bytes);
  /// To be called once, after the last byte.
  [[nodiscard]] Outcome Finish();
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// What was read of the dataset so far.
  [[nodiscard]] const InstanceHeader& header() const { return scanner_.header(); }

 private:
  void Write(std::span<const std::byte> bytes);
  void Fail(CommandResponse response, std::string reason, bool storage_failed);
  [[nodiscard]] Outcome Identify();

  ObjectIdentity identity_;
  std::uint64_t max_bytes_;
  std::uint64_t size_ = 0;
  std::unique_ptr<storage::ObjectWriter> file_;  ///< empty after a failure
  dicom_io::DatasetScanner scanner_;
  Sha256 digest_;
  Outcome failure_;
};

}  // namespace necknode::scp
