#include "scp/requestor.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/dcmlayer.h>
#include <dcmtk/dcmnet/dimse.h>
#include <dcmtk/oflog/oflog.h>

#include "scp/requestor_transport.h"
#include "scp/send_status.h"

namespace necknode::scp {
namespace {

constexpr long kReceivePdu = 16384;

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

// Which part of the peer rejects (PS3.8 table 9-21).
std::string RejectSource(const T_ASC_RejectParameters& reject) {
  switch (reject.source) {
    case ASC_SOURCE_SERVICEUSER:
      return "by the peer's application";
    case ASC_SOURCE_SERVICEPROVIDER_ACSE_RELATED:
      return "by the peer's association control";
    case ASC_SOURCE_SERVICEPROVIDER_PRESENTATION_RELATED:
      return "by the peer's presentation service";
    default:
      return "by an unknown part of the peer";
  }
}

}  // namespace

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
    status = kUnknownHost;
  } else if (detail.find("Unrecognized PDU type") != std::string::npos) {
    status = kNotDicom;
  } else if (detail.find("Connection refused") != std::string::npos) {
    status = kConnectionRefused;
  } else if (detail.find("imeout") != std::string::npos ||
             detail.find("timed out") != std::string::npos) {
    status = "timeout";
  }
  return Failure(SendResult::Kind::kRetry, status, detail);
}

void CopyUid(const Uid& uid, DIC_UI& to) {
  const std::size_t length = std::min(uid.value().size(), sizeof(DIC_UI) - 1);
  std::copy_n(uid.value().begin(), length, std::begin(to));
  to[length] = '\0';
}

Requestor::Requestor(std::string our_ae_title, const RemotePeer& peer, std::chrono::seconds timeout)
    : our_ae_title_(std::move(our_ae_title)),
      peer_(peer),
      timeout_s_(static_cast<int>(timeout.count())) {
  static std::once_flag once;
  std::call_once(once,
                 [] { OFLog::getLogger("dcmtk.dcmnet").setLogLevel(OFLogger::OFF_LOG_LEVEL); });
}

Requestor::~Requestor() {
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

std::optional<SendResult> Requestor::Connect(const std::vector<Proposal>& proposals) {
  dcmConnectionTimeout.set(timeout_s_);
  OFCondition condition = Prepare(proposals);
  if (condition.bad()) {
    return Failure(SendResult::Kind::kRetry, "cannot propose an association", condition.text());
  }
  condition = ASC_requestAssociation(
      network_, parameters_, &association_, nullptr, nullptr, DUL_NOBLOCK, timeout_s_);
  if (condition.good()) {
    established_ = true;
    return std::nullopt;
  }
  if (condition == DUL_ASSOCIATIONREJECTED) {
    T_ASC_RejectParameters reject{};
    static_cast<void>(ASC_getRejectParameters(parameters_, &reject));
    const bool permanent = reject.result == ASC_RESULT_REJECTEDPERMANENT;
    return Failure(permanent ? SendResult::Kind::kPermanent : SendResult::Kind::kRetry,
                   RejectText(reject),
                   RejectSource(reject));
  }
  return FailureOf(condition);
}

T_ASC_PresentationContextID Requestor::ContextOf(const Uid& sop_class) const {
  return ASC_findAcceptedPresentationContextID(association_, sop_class.value().c_str());
}

void Requestor::Release() {
  established_ = false;
  static_cast<void>(ASC_releaseAssociation(association_));
}

OFCondition Requestor::Prepare(const std::vector<Proposal>& proposals) {
  OFCondition condition = ASC_initializeNetwork(NET_REQUESTOR, 0, timeout_s_, &network_);
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
  T_ASC_PresentationContextID id = 1;
  for (const Proposal& proposal : proposals) {
    std::vector<const char*> syntaxes;
    for (const std::string& syntax : proposal.transfer_syntaxes) {
      syntaxes.push_back(syntax.c_str());
    }
    if (syntaxes.empty()) {
      syntaxes = {UID_LittleEndianExplicitTransferSyntax, UID_LittleEndianImplicitTransferSyntax};
    }
    if (condition.good()) {
      condition =
          ASC_addPresentationContext(parameters_,
                                     id,
                                     proposal.sop_class.c_str(),
                                     syntaxes.data(),
                                     static_cast<int>(syntaxes.size()),
                                     proposal.we_are_scp ? ASC_SC_ROLE_SCP : ASC_SC_ROLE_DEFAULT);
    }
    id = static_cast<T_ASC_PresentationContextID>(id + 2);
  }
  return condition;
}

}  // namespace necknode::scp
