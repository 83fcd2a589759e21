#include "scp/storage_scu.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/dimse.h>

#include "scp/requestor.h"
#include "scp/send_status.h"
#include "scp/sop_classes.h"

namespace necknode::scp {
namespace {

using Kind = SendResult::Kind;

constexpr std::size_t kMaxContexts = 128;

OFCondition ParsePart10(const std::vector<std::byte>& bytes, DcmFileFormat& file) {
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  file.transferInit();
  OFCondition condition = file.read(stream, EXS_Unknown);
  file.transferEnd();
  if (condition.good()) {
    condition = file.loadAllDataIntoMemory();
  }
  return condition;
}

// Sets `broken` where the association must not be used again.
SendResult Store(Requestor& requestor,
                 T_ASC_PresentationContextID context,
                 const Outgoing::Alternative& document,
                 bool& broken) {
  DcmFileFormat file;
  const OFCondition parsed = ParsePart10(document.part10, file);
  if (parsed.bad()) {
    return Failure(Kind::kPermanent, "unreadable document", parsed.text());
  }
  T_DIMSE_C_StoreRQ request{};
  request.MessageID = requestor.association()->nextMsgID++;
  CopyUid(document.sop_class_uid, request.AffectedSOPClassUID);
  CopyUid(document.sop_instance_uid, request.AffectedSOPInstanceUID);
  request.DataSetType = DIMSE_DATASET_PRESENT;
  request.Priority = DIMSE_PRIORITY_MEDIUM;
  T_DIMSE_C_StoreRSP response{};
  DcmDataset* status_detail = nullptr;
  const OFCondition sent = DIMSE_storeUser(requestor.association(),
                                           context,
                                           &request,
                                           nullptr,
                                           file.getDataset(),
                                           nullptr,
                                           nullptr,
                                           DIMSE_NONBLOCKING,
                                           requestor.timeout_s(),
                                           &response,
                                           &status_detail);
  const std::unique_ptr<DcmDataset> detail(status_detail);
  if (sent.bad()) {
    broken = sent.module() != OFM_dcmnet || sent.code() != DIMSEC_UNSUPPORTEDTRANSFERSYNTAX;
    return broken ? FailureOf(sent) : Failure(Kind::kPermanent, "unreadable document", sent.text());
  }
  SendResult result = ResultOfStatus(response.DimseStatus);
  OFString comment;
  if (detail != nullptr && detail->findAndGetOFString(DCM_ErrorComment, comment).good() &&
      !comment.empty()) {
    result.detail += result.detail.empty() ? "" : ": ";
    result.detail += comment.c_str();
  }
  result.sent_sop_instance_uid = document.sop_instance_uid;
  return result;
}

std::vector<Requestor::Proposal> ProposalsFor(const std::vector<Outgoing>& documents) {
  std::vector<Requestor::Proposal> proposals;
  for (const auto& document : documents) {
    for (const auto& alternative : document.alternatives) {
      const std::string& sop_class = alternative.sop_class_uid.value();
      const bool known =
          std::any_of(proposals.begin(), proposals.end(), [&](const Requestor::Proposal& proposal) {
            return proposal.sop_class == sop_class;
          });
      if (!known && proposals.size() < kMaxContexts) {
        proposals.push_back({sop_class});
      }
    }
  }
  return proposals;
}

std::string Echo(Requestor& requestor) {
  DIC_US status = 0;
  DcmDataset* detail = nullptr;
  const OFCondition condition = DIMSE_echoUser(requestor.association(),
                                               requestor.association()->nextMsgID++,
                                               DIMSE_NONBLOCKING,
                                               requestor.timeout_s(),
                                               &status,
                                               &detail);
  delete detail;
  if (condition.bad()) {
    return FailureOf(condition).status + ": " + condition.text();
  }
  return status == 0 ? "" : "C-ECHO answered " + StatusText(status);
}

SendResult SendOne(Requestor& requestor, const Outgoing& document, bool& broken) {
  for (const auto& alternative : document.alternatives) {
    if (const auto context = requestor.ContextOf(alternative.sop_class_uid); context != 0) {
      return Store(requestor, context, alternative, broken);
    }
  }
  std::string classes;
  for (const auto& alternative : document.alternatives) {
    const std::string& uid = alternative.sop_class_uid.value();
    classes +=
        (classes.empty() ? "" : ", ") + std::string(dcmFindNameOfUID(uid.c_str(), uid.c_str()));
  }
  return Failure(Kind::kPermanent, "no presentation context", "the peer does not take " + classes);
}

}  // namespace

std::vector<SendResult> SendDocuments(const std::string& our_ae_title,
                                      const RemotePeer& peer,
                                      const std::vector<Outgoing>& documents,
                                      std::chrono::seconds timeout) {
  if (documents.empty()) {
    return {};
  }
  Requestor requestor(our_ae_title, peer, timeout);
  if (const auto failure = requestor.Connect(ProposalsFor(documents))) {
    return {documents.size(), *failure};
  }
  std::vector<SendResult> results;
  bool broken = false;
  for (const auto& document : documents) {
    if (broken) {
      results.push_back(
          Failure(Kind::kRetry, "not sent", "an earlier document broke the association"));
    } else {
      results.push_back(SendOne(requestor, document, broken));
    }
  }
  if (!broken) {
    requestor.Release();
  }
  return results;
}

std::string Echo(const std::string& our_ae_title,
                 const RemotePeer& peer,
                 std::chrono::seconds timeout) {
  Requestor requestor(our_ae_title, peer, timeout);
  if (const auto failure = requestor.Connect({{std::string(kVerificationSopClass)}})) {
    if (failure->status == kConnectionRefused) {
      return failure->status + ": nothing listens at " + peer.host + " port " +
             std::to_string(peer.port);
    }
    if (failure->status == kUnknownHost) {
      return failure->status + ": no address is known of " + peer.host;
    }
    if (failure->status == kNotDicom) {
      return failure->status + " at " + peer.host + " port " + std::to_string(peer.port) +
             ": something else listens there";
    }
    return failure->status + ": " + failure->detail;
  }
  if (requestor.ContextOf(Uid(kVerificationSopClass)) == 0) {
    return "no presentation context: the peer does not offer verification";
  }
  std::string problem = Echo(requestor);
  if (problem.empty()) {
    requestor.Release();
  }
  return problem;
}

}  // namespace necknode::scp
