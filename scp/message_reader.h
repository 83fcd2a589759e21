#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scp/command_set.h"
#include "scp/incoming_object.h"
#include "scp/pdu.h"

namespace necknode::scp {

/// One whole DIMSE message that must be answered.
struct Message {
  std::uint8_t context_id = 0;
  CommandRequest request;
  /// Of a C-STORE whose dataset was taken; empty where `response` says why not.
  std::unique_ptr<IncomingObject> object;
  /// Of an N-ACTION or N-EVENT-REPORT of storage commitment; empty where `response` says why not.
  std::optional<std::vector<std::byte>> dataset;
  CommandResponse response;  ///< the answer where there is neither `object` nor `dataset`
  bool wants_answer = true;  ///< false for C-CANCEL and for a response to what we asked
};

/// Puts the presentation data values of one association together to messages (PS3.7 6.3, PS3.8
/// annex E). A command set is kept up to kMaxCommandBytes, a dataset goes to its file at once. Not
/// thread safe; knows nothing of sockets.
class MessageReader {
 public:
  /// `objects` must outlive it.
  MessageReader(storage::ObjectStore& objects,
                const std::vector<AnsweredContext>& contexts,
                std::string calling_ae,
                std::string called_ae,
                std::uint64_t max_object_bytes);
  /// The next value; returns the message that it completes. Throws Error(kParse) where it cannot
  /// belong here: the association must be aborted.
  [[nodiscard]] std::optional<Message> Take(const Pdv& value);
  /// From now on the response to our N-EVENT-REPORT with this id is a message too.
  void AwaitResponse(std::uint16_t message_id) { awaited_ = message_id; }
  /// True between the first value of a message and its last.
  [[nodiscard]] bool InMessage() const { return message_.has_value() || !command_.empty(); }
  /// Whether datasets of an accepted context come with explicit VRs.
  [[nodiscard]] bool IsExplicit(std::uint8_t context_id) const;
  /// The object whose dataset is on its way, or nullptr.
  [[nodiscard]] const IncomingObject* object() const {
    return message_ ? message_->object.get() : nullptr;
  }

 private:
  [[nodiscard]] std::optional<Message> TakeCommand(const Pdv& value);
  [[nodiscard]] std::optional<Message> TakeDataset(const Pdv& value);
  void Begin(std::uint8_t context_id, const CommandRequest& request);
  void BeginResponse(const CommandRequest& response);
  void BeginCommitment(const AnsweredContext& context);
  void BeginStore(const AnsweredContext& context);

  storage::ObjectStore& objects_;
  std::map<std::uint8_t, AnsweredContext> contexts_;
  std::string calling_ae_, called_ae_;
  std::uint64_t max_object_bytes_;
  std::optional<std::uint16_t> awaited_;
  std::uint8_t command_context_ = 0;
  std::vector<std::byte> command_;  ///< not empty: a command set that is not complete
  std::optional<Message> message_;  ///< its command is complete, its dataset is not
};

}  // namespace necknode::scp
