#include "scp/storage_scu.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/dcmlayer.h>
#include <dcmtk/dcmnet/dimse.h>
#include <dcmtk/oflog/oflog.h>

#include "scp/requestor_transport.h"
#include "scp/send_status.h"
#include "scp/sop_classes.h"

namespace necknode::scp {
namespace {

using Kind = SendResult::Kind;

constexpr long kReceivePdu = 16384;
constexpr std::size_t kMaxContexts = 128;

SendResult Failure(Kind kind, std::string status, std::string detail) {
  SendResult result;
  result.kind = kind;
  result.status = std::move(status);
  result.detail = std::move(detail);
  return result;
}

std::string RejectText(const T_ASC_RejectParameters& reject) {
  const bool permanent = reject.result == ASC_RESULT_REJECTEDPERMANENT;
  std::string text = permanent ? "rejected permanently: " : "rejected for now: ";
  switch (reject.reason) {
    case ASC_REASON_SU_CALLINGAETITLENOTRECOGNIZED:
      return text + "our AE title is not recognized";
    case ASC_REASON_SU_CALLEDAETITLENOTRECOGNIZED:
      return text + "the called AE title is not recognized";
    case ASC_REASON_SP_PRES_TEMPORARYCONGESTION:
      return text + "temporary congestion";
    case ASC_REASON_SP_PRES_LOCALLIMITEXCEEDED:
      return text + "local limit exceeded";
    default:
      return text + "no usable reason given";
  }
}

SendResult FailureOf(const OFCondition& condition) {
  const std::string detail = condition.text();
  std::string status = "network error";
  if (condition.module() == OFM_dcmtls || detail.find("TLS") != std::string::npos) {
    status = "TLS failed";
  } else if (condition == DUL_PEERABORTEDASSOCIATION) {
    status = "aborted by peer";
  } else if (condition == DIMSE_NODATAAVAILABLE || condition == DUL_READTIMEOUT) {
    status = "timeout";
  } else if (condition == DUL_NETWORKCLOSED) {
    status = "connection closed";
  } else if (condition.module() == OFM_dcmnet && condition.code() == DULC_UNKNOWNHOST) {
    status = "unknown host";
  } else if (detail.find("Connection refused") != std::string::npos) {
    status = "connection refused";
  } else if (detail.find("imeout") != std::string::npos ||
             detail.find("timed out") != std::string::npos) {
    status = "timeout";
  }
  return Failure(Kind::kRetry, status, detail);
}

// One association as its requestor. Aborted in the destructor unless released.
class Requestor {
 public:
  Requestor(const std::string& our_ae_title, const RemotePeer& peer, std::chrono::seconds timeout)
      : our_ae_title_(our_ae_title), peer_(peer), timeout_(static_cast<int>(timeout.count())) {
    static std::once_flag once;
    std::call_once(once,
                   [] { OFLog::getLogger("dcmtk.dcmnet").setLogLevel(OFLogger::OFF_LOG_LEVEL); });
  }
  ~Requestor() {
    if (established_) {
      static_cast<void>(ASC_abortAssociation(association_));
    }
    if (association_ != nullptr) {
      static_cast<void>(ASC_destroyAssociation(&association_));
    } else if (parameters_ != nullptr) {
      static_cast<void>(ASC_destroyAssociationParameters(&parameters_));
    }
    if (network_ != nullptr) {
      static_cast<void>(ASC_dropNetwork(&network_));
    }
  }
  Requestor(const Requestor&) = delete;
  Requestor& operator=(const Requestor&) = delete;

  // Nullopt: established. Each SOP class is proposed in a context of its own.
  std::optional<SendResult> Connect(const std::vector<std::string>& sop_classes) {
    dcmConnectionTimeout.set(timeout_);
    OFCondition condition = Prepare(sop_classes);
    if (condition.bad()) {
      return Failure(Kind::kRetry, "cannot propose an association", condition.text());
    }
    condition = ASC_requestAssociation(
        network_, parameters_, &association_, nullptr, nullptr, DUL_NOBLOCK, timeout_);
    if (condition.good()) {
      established_ = true;
      return std::nullopt;
    }
    if (condition == DUL_ASSOCIATIONREJECTED) {
      T_ASC_RejectParameters reject{};
      static_cast<void>(ASC_getRejectParameters(parameters_, &reject));
      const bool permanent = reject.result == ASC_RESULT_REJECTEDPERMANENT;
      return Failure(
          permanent ? Kind::kPermanent : Kind::kRetry, RejectText(reject), condition.text());
    }
    return FailureOf(condition);
  }

  [[nodiscard]] T_ASC_PresentationContextID ContextOf(const Uid& sop_class) const {
    return ASC_findAcceptedPresentationContextID(association_, sop_class.value().c_str());
  }

  // Sets `broken` where the association must not be used again.
  SendResult Store(T_ASC_PresentationContextID context,
                   const Outgoing::Alternative& document,
                   bool& broken);

  std::string Echo() {
    DIC_US status = 0;
    DcmDataset* detail = nullptr;
    const OFCondition condition = DIMSE_echoUser(
        association_, association_->nextMsgID++, DIMSE_NONBLOCKING, timeout_, &status, &detail);
    delete detail;
    if (condition.bad()) {
      return FailureOf(condition).status + ": " + condition.text();
    }
    return status == 0 ? "" : "C-ECHO answered " + StatusText(status);
  }

  void Release() {
    established_ = false;
    static_cast<void>(ASC_releaseAssociation(association_));
  }

 private:
  OFCondition Prepare(const std::vector<std::string>& sop_classes) {
    OFCondition condition = ASC_initializeNetwork(NET_REQUESTOR, 0, timeout_, &network_);
    if (condition.good()) {
      condition = SetTransport(*network_, peer_.tls ? &*peer_.tls : nullptr, peer_.host);
    }
    if (condition.good()) {
      condition = ASC_createAssociationParameters(&parameters_, kReceivePdu);
    }
    if (condition.good() && peer_.tls) {
      condition = ASC_setTransportLayerType(parameters_, OFTrue);
    }
    if (condition.good()) {
      condition =
          ASC_setAPTitles(parameters_, our_ae_title_.c_str(), peer_.ae_title.c_str(), nullptr);
    }
    const std::string address = peer_.host + ":" + std::to_string(peer_.port);
    if (condition.good()) {
      condition = ASC_setPresentationAddresses(
          parameters_, OFStandard::getHostName().c_str(), address.c_str());
    }
    std::array<const char*, 2> syntaxes{UID_LittleEndianExplicitTransferSyntax,
                                        UID_LittleEndianImplicitTransferSyntax};
    T_ASC_PresentationContextID id = 1;
    for (const std::string& sop_class : sop_classes) {
      if (condition.good()) {
        condition = ASC_addPresentationContext(
            parameters_, id, sop_class.c_str(), syntaxes.data(), static_cast<int>(syntaxes.size()));
      }
      id = static_cast<T_ASC_PresentationContextID>(id + 2);
    }
    return condition;
  }

  std::string our_ae_title_;
  RemotePeer peer_;
  int timeout_;
  T_ASC_Network* network_ = nullptr;
  T_ASC_Parameters* parameters_ = nullptr;
  T_ASC_Association* association_ = nullptr;
  bool established_ = false;
};

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

void CopyUid(const Uid& uid, DIC_UI& to) {
  const std::size_t length = std::min(uid.value().size(), sizeof(DIC_UI) - 1);
  std::copy_n(uid.value().begin(), length, std::begin(to));
  to[length] = '\0';
}

SendResult Requestor::Store(T_ASC_PresentationContextID context,
                            const Outgoing::Alternative& document,
                            bool& broken) {
  DcmFileFormat file;
  const OFCondition parsed = ParsePart10(document.part10, file);
  if (parsed.bad()) {
    return Failure(Kind::kPermanent, "unreadable document", parsed.text());
  }
  T_DIMSE_C_StoreRQ request{};
  request.MessageID = association_->nextMsgID++;
  CopyUid(document.sop_class_uid, request.AffectedSOPClassUID);
  CopyUid(document.sop_instance_uid, request.AffectedSOPInstanceUID);
  request.DataSetType = DIMSE_DATASET_PRESENT;
  request.Priority = DIMSE_PRIORITY_MEDIUM;
  T_DIMSE_C_StoreRSP response{};
  DcmDataset* status_detail = nullptr;
  const OFCondition sent = DIMSE_storeUser(association_,
                                           context,
                                           &request,
                                           nullptr,
                                           file.getDataset(),
                                           nullptr,
                                           nullptr,
                                           DIMSE_NONBLOCKING,
                                           timeout_,
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

std::vector<std::string> SopClassesOf(const std::vector<Outgoing>& documents) {
  std::vector<std::string> classes;
  for (const auto& document : documents) {
    for (const auto& alternative : document.alternatives) {
      const std::string& sop_class = alternative.sop_class_uid.value();
      if (std::find(classes.begin(), classes.end(), sop_class) == classes.end() &&
          classes.size() < kMaxContexts) {
        classes.push_back(sop_class);
      }
    }
  }
  return classes;
}

SendResult SendOne(Requestor& requestor, const Outgoing& document, bool& broken) {
  for (const auto& alternative : document.alternatives) {
    if (const auto context = requestor.ContextOf(alternative.sop_class_uid); context != 0) {
      return requestor.Store(context, alternative, broken);
    }
  }
  return Failure(Kind::kPermanent,
                 "no presentation context",
                 "the peer takes none of the document's SOP classes");
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
  if (const auto failure = requestor.Connect(SopClassesOf(documents))) {
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
  if (const auto failure = requestor.Connect({std::string(kVerificationSopClass)})) {
    return failure->status + ": " + failure->detail;
  }
  if (requestor.ContextOf(Uid(kVerificationSopClass)) == 0) {
    return "no presentation context: the peer does not offer verification";
  }
  std::string problem = requestor.Echo();
  if (problem.empty()) {
    requestor.Release();
  }
  return problem;
}

}  // namespace necknode::scp
