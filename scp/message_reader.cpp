#include "scp/message_reader.h"

#include <utility>

#include "core/error.h"
#include "scp/commitment_dataset.h"
#include "scp/sop_classes.h"

namespace necknode::scp {

MessageReader::MessageReader(storage::ObjectStore& objects,
                             const std::vector<AnsweredContext>& contexts,
                             std::string calling_ae,
                             std::string called_ae,
                             std::uint64_t max_object_bytes)
    : objects_(objects),
      calling_ae_(std::move(calling_ae)),
      called_ae_(std::move(called_ae)),
      max_object_bytes_(max_object_bytes) {
  for (const auto& context : contexts) {
    contexts_.emplace(context.id, context);
  }
}

std::optional<Message> MessageReader::Take(const Pdv& value) {
  if (!contexts_.contains(value.context_id)) {
    throw Error(ErrorCode::kParse,
                "presentation context " + std::to_string(value.context_id) + " was never proposed");
  }
  return value.command ? TakeCommand(value) : TakeDataset(value);
}

bool MessageReader::IsExplicit(std::uint8_t context_id) const {
  constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";
  return contexts_.at(context_id).transfer_syntax.value() != kImplicitLittleEndian;
}

std::optional<Message> MessageReader::TakeCommand(const Pdv& value) {
  if (message_) {
    throw Error(ErrorCode::kParse, "a command where the rest of a dataset is due");
  }
  if (!command_.empty() && value.context_id != command_context_) {
    throw Error(ErrorCode::kParse, "a command set that changes its presentation context");
  }
  if (command_.size() + value.bytes.size() > kMaxCommandBytes) {
    throw Error(ErrorCode::kParse,
                "a command set of more than " + std::to_string(kMaxCommandBytes) + " bytes");
  }
  command_context_ = value.context_id;
  command_.insert(command_.end(), value.bytes.begin(), value.bytes.end());
  if (!value.last) {
    return std::nullopt;
  }
  const auto command = std::exchange(command_, {});
  Begin(value.context_id, DecodeCommand(command));
  if (message_->request.HasDataset()) {
    return std::nullopt;
  }
  return std::exchange(message_, std::nullopt);
}

std::optional<Message> MessageReader::TakeDataset(const Pdv& value) {
  if (!message_ || message_->context_id != value.context_id) {
    throw Error(ErrorCode::kParse, "a dataset without its command");
  }
  if (message_->object != nullptr) {
    message_->object->Append(value.bytes);
  } else if (message_->dataset) {
    auto& dataset = *message_->dataset;
    if (dataset.size() + value.bytes.size() <= kMaxCommitmentBytes) {
      dataset.insert(dataset.end(), value.bytes.begin(), value.bytes.end());
    } else {
      message_->dataset.reset();
      message_->response = {kStatusResourceLimitation, "too many instances in one message", {}};
    }
  }
  if (!value.last) {
    return std::nullopt;
  }
  return std::exchange(message_, std::nullopt);
}

void MessageReader::Begin(std::uint8_t context_id, const CommandRequest& request) {
  message_.emplace();
  message_->context_id = context_id;
  message_->request = request;
  if ((request.command_field & kResponseBit) != 0) {
    BeginResponse(request);
    return;
  }
  const AnsweredContext& context = contexts_.at(context_id);
  if (request.command_field == kCommandCancel) {
    message_->wants_answer = false;
  } else if (request.command_field == kCommandStore) {
    BeginStore(context);
  } else if (context.result != ContextResult::kAccepted) {
    message_->response.status = kStatusSopClassNotSupported;
  } else if (context.abstract_syntax.value() == kStorageCommitmentSopClass) {
    BeginCommitment(context);
  } else if (request.command_field != kCommandEcho ||
             context.abstract_syntax.value() != kVerificationSopClass) {
    message_->response.status = kStatusUnrecognizedOperation;
  }
}

void MessageReader::BeginResponse(const CommandRequest& response) {
  if (response.command_field != (kCommandEventReport | kResponseBit) ||
      response.message_id != awaited_) {
    message_.reset();
    throw Error(ErrorCode::kParse, "a response to nothing that was asked");
  }
  awaited_.reset();
  message_->wants_answer = false;
}

void MessageReader::BeginCommitment(const AnsweredContext& context) {
  const CommandRequest& request = message_->request;
  if (request.command_field != kCommandAction && request.command_field != kCommandEventReport) {
    message_->response.status = kStatusUnrecognizedOperation;
  } else if (request.sop_class_uid != context.abstract_syntax) {
    message_->response.status = kStatusSopClassNotSupported;
  } else if (request.sop_instance_uid.value() != kStorageCommitmentSopInstance) {
    message_->response.status = kStatusNoSuchSopInstance;
  } else if (!request.HasDataset()) {
    message_->response = {kStatusInvalidArgument, "a message without its dataset", {}};
  } else {
    message_->dataset.emplace();
  }
}

void MessageReader::BeginStore(const AnsweredContext& context) {
  const bool accepted = context.result == ContextResult::kAccepted &&
                        IsStorageSopClass(context.abstract_syntax) &&
                        context.abstract_syntax == message_->request.sop_class_uid;
  if (!accepted) {
    message_->response.status = kStatusSopClassNotSupported;
  } else if (!message_->request.HasDataset()) {
    message_->response = {kStatusCannotUnderstand, "a C-STORE without a dataset", {}};
  } else {
    message_->object =
        std::make_unique<IncomingObject>(objects_,
                                         ObjectIdentity{message_->request.sop_class_uid,
                                                        message_->request.sop_instance_uid,
                                                        context.transfer_syntax,
                                                        calling_ae_,
                                                        called_ae_,
                                                        message_->request.move_originator},
                                         max_object_bytes_);
  }
}

}  // namespace necknode::scp
