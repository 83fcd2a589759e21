#include "scp/archive_retrieve.h"

#include <future>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/log.h"
#include "scp/bounded_association.h"
#include "scp/incoming_object.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace {

constexpr std::uint16_t kMoveDestinationUnknown = 0xA801;
constexpr const char* kImageClasses[] = {
    UID_CTImageStorage, UID_EnhancedCTImageStorage, UID_LegacyConvertedEnhancedCTImageStorage};

DcmDataset SeriesKeys(const Uid& study, const Uid& series) {
  DcmDataset keys;
  for (const auto& [tag, value] : {std::pair(DCM_QueryRetrieveLevel, std::string("SERIES")),
                                   std::pair(DCM_StudyInstanceUID, study.value()),
                                   std::pair(DCM_SeriesInstanceUID, series.value())}) {
    const OFCondition put = keys.putAndInsertString(tag, value.c_str());
    if (put.bad()) {
      throw Error(ErrorCode::kInternal, std::string("cannot make a request: ") + put.text());
    }
  }
  return keys;
}

// Throws unless the operation is over and nothing failed in it.
void CheckEnd(const char* operation, const Outcome& outcome) {
  if (outcome.status == kMoveDestinationUnknown) {
    throw Error(ErrorCode::kUnsupported,
                "the archive does not know our AE title as a move destination");
  }
  const unsigned failed = outcome.failed.value_or(0);
  if (outcome.status != kStatusSuccess || failed > 0) {
    throw Error(ErrorCode::kNetwork,
                std::string(operation) + " answered " + StatusText(outcome.status) +
                    (failed > 0 ? ", " + std::to_string(failed) + " instances failed" : ""));
  }
}

// Uncompressed, and each lossless or lossy syntax that an archive may keep, in contexts of their
// own: it then need not convert.
std::vector<Requestor::Proposal> GetProposals() {
  std::vector<Requestor::Proposal> proposals = {{UID_GETStudyRootQueryRetrieveInformationModel}};
  for (const char* sop_class : kImageClasses) {
    proposals.push_back({sop_class, true, {}});
    for (const char* syntax : {UID_JPEGProcess14SV1TransferSyntax,
                               UID_JPEGProcess14TransferSyntax,
                               UID_JPEGLSLosslessTransferSyntax,
                               UID_JPEG2000LosslessOnlyTransferSyntax,
                               UID_RLELosslessTransferSyntax,
                               UID_DeflatedExplicitVRLittleEndianTransferSyntax,
                               UID_JPEGProcess2_4TransferSyntax,
                               UID_JPEG2000TransferSyntax}) {
      proposals.push_back({sop_class, true, {syntax}});
    }
  }
  return proposals;
}

BoundedAssociation::Limits LimitsOf(const RetrieveOptions& options) {
  return {options.timeout, options.silence, options.limit, options.stop};
}

// Takes what the archive sends in one C-GET.
class GetSink {
 public:
  GetSink(BoundedAssociation& association,
          const RemotePeer& archive,
          const Uid& study,
          const Uid& series,
          const RetrieveOptions& options,
          storage::Store& store,
          storage::InstanceCommitter& committer)
      : association_(association),
        archive_(archive),
        study_(study),
        series_(series),
        options_(options),
        store_(store),
        committer_(committer) {}

  void Take(const ReceivedCommand& received);
  [[nodiscard]] int stored() const { return stored_; }

 private:
  CommandResponse Keep(IncomingObject& object);
  CommandResponse Commit(storage::ReceivedInstance instance);

  BoundedAssociation& association_;
  const RemotePeer& archive_;
  const Uid& study_;
  const Uid& series_;
  const RetrieveOptions& options_;
  storage::Store& store_;
  storage::InstanceCommitter& committer_;
  int stored_ = 0;
};

void GetSink::Take(const ReceivedCommand& received) {
  const CommandRequest& request = received.command;
  if (!request.HasDataset() || association_.SopClassOf(received.context) != request.sop_class_uid) {
    throw Error(ErrorCode::kParse, "a C-STORE without a dataset or in a context of another class");
  }
  IncomingObject object(store_.objects(),
                        {request.sop_class_uid,
                         request.sop_instance_uid,
                         association_.TransferSyntaxOf(received.context),
                         archive_.ae_title,
                         options_.our_ae_title,
                         options_.our_ae_title},
                        options_.max_object_bytes);
  association_.ReceiveDataset(received.context,
                              [&](std::span<const std::byte> bytes) { object.Append(bytes); });
  association_.AnswerStore(received, Keep(object));
}

CommandResponse GetSink::Keep(IncomingObject& object) {
  IncomingObject::Outcome outcome = object.Finish();
  if (outcome.storage_failed) {
    throw Error(ErrorCode::kStorageFailed, outcome.reason);
  }
  if (outcome.rejected != nullptr) {
    store_.Quarantine(std::move(outcome.rejected), archive_.ae_title, outcome.reason);
  }
  if (!outcome.instance) {
    Log(LogLevel::kWarning, "prior_refused", {{"peer", archive_.name}, {"reason", outcome.reason}});
    return outcome.response;
  }
  const InstanceHeader& header = outcome.instance->header;
  if (header.study_instance_uid != study_ || header.series_instance_uid != series_) {
    return {kStatusDatasetDoesNotMatch, "not of the series that was asked for", {}};
  }
  return Commit(std::move(*outcome.instance));
}

CommandResponse GetSink::Commit(storage::ReceivedInstance instance) {
  std::promise<std::pair<storage::AddOutcome, std::string>> done;
  committer_.Submit(std::move(instance), [&](storage::AddOutcome added, const std::string& text) {
    done.set_value({added, text});
  });
  const auto [added, detail] = done.get_future().get();
  switch (added) {
    case storage::AddOutcome::kStored:
    case storage::AddOutcome::kNewRevision:
    case storage::AddOutcome::kSameBytes:
      ++stored_;
      return {};
    case storage::AddOutcome::kConflict:
      Log(LogLevel::kWarning, "prior_refused", {{"peer", archive_.name}, {"reason", detail}});
      return {kStatusDatasetDoesNotMatch, "SOP Instance UID is known with another identity", {}};
    case storage::AddOutcome::kNoSpace:
      return {kStatusOutOfResources, "cannot store", {}};
    case storage::AddOutcome::kFailed:
      break;
  }
  throw Error(ErrorCode::kStorageFailed, detail);
}

// Asks for the series; the identifier goes with it.
template <typename Request>
void Ask(BoundedAssociation& association,
         const char* sop_class,
         T_DIMSE_Message& message,
         Request& request,
         const Uid& study,
         const Uid& series) {
  request.MessageID = association.NextMessageId();
  CopyUid(Uid(std::string_view(sop_class)), request.AffectedSOPClassUID);
  request.Priority = DIMSE_PRIORITY_MEDIUM;
  request.DataSetType = DIMSE_DATASET_PRESENT;
  DcmDataset keys = SeriesKeys(study, series);
  association.Send(association.ContextOf(sop_class), message, &keys);
}

// The response, with the list of what failed, if there is one, read and dropped.
void CheckResponse(BoundedAssociation& association,
                   const ReceivedCommand& received,
                   int field,
                   DIC_US message_id) {
  if (received.command.command_field != field || received.command.message_id != message_id) {
    throw Error(ErrorCode::kParse, "something else than an answer to the request");
  }
  if (received.command.HasDataset()) {
    association.ReceiveDataset(received.context, [](std::span<const std::byte>) {});
  }
}

}  // namespace

void MoveSeries(const RemotePeer& archive,
                const Uid& study,
                const Uid& series,
                const RetrieveOptions& options) {
  BoundedAssociation association(options.our_ae_title,
                                 archive,
                                 LimitsOf(options),
                                 {{UID_MOVEStudyRootQueryRetrieveInformationModel}});
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_C_MOVE_RQ;
  T_DIMSE_C_MoveRQ& request = message.msg.CMoveRQ;
  const std::size_t length =
      options.our_ae_title.copy(request.MoveDestination, sizeof request.MoveDestination - 1);
  request.MoveDestination[length] = '\0';
  Ask(association, UID_MOVEStudyRootQueryRetrieveInformationModel, message, request, study, series);
  while (true) {
    const ReceivedCommand received = association.ReceiveCommand();
    CheckResponse(association, received, DIMSE_C_MOVE_RSP, request.MessageID);
    if (!received.outcome.pending()) {
      association.Release();
      return CheckEnd("C-MOVE", received.outcome);
    }
  }
}

int GetSeries(const RemotePeer& archive,
              const Uid& study,
              const Uid& series,
              const RetrieveOptions& options,
              storage::Store& store,
              storage::InstanceCommitter& committer) {
  BoundedAssociation association(options.our_ae_title, archive, LimitsOf(options), GetProposals());
  T_DIMSE_Message message{};
  message.CommandField = DIMSE_C_GET_RQ;
  T_DIMSE_C_GetRQ& request = message.msg.CGetRQ;
  Ask(association, UID_GETStudyRootQueryRetrieveInformationModel, message, request, study, series);
  GetSink sink(association, archive, study, series, options, store, committer);
  while (true) {
    const ReceivedCommand received = association.ReceiveCommand();
    if (received.command.command_field == kCommandStore) {
      sink.Take(received);
      continue;
    }
    CheckResponse(association, received, DIMSE_C_GET_RSP, request.MessageID);
    if (!received.outcome.pending()) {
      association.Release();
      CheckEnd("C-GET", received.outcome);
      return sink.stored();
    }
  }
}

}  // namespace necknode::scp
