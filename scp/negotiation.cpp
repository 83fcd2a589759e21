#include "scp/negotiation.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/ae_title.h"
#include "scp/bytes.h"
#include "scp/commitment_dataset.h"
#include "scp/sop_classes.h"

namespace necknode::scp {
namespace {

constexpr auto kSyntaxes = std::to_array<std::pair<std::string_view, SyntaxClass>>({
    {"1.2.840.10008.1.2.1", SyntaxClass::kExplicitLittleEndian},
    {"1.2.840.10008.1.2", SyntaxClass::kImplicitLittleEndian},
    {"1.2.840.10008.1.2.2", SyntaxClass::kLossless},      // explicit VR big endian
    {"1.2.840.10008.1.2.1.99", SyntaxClass::kLossless},   // deflated
    {"1.2.840.10008.1.2.5", SyntaxClass::kLossless},      // RLE
    {"1.2.840.10008.1.2.4.57", SyntaxClass::kLossless},   // JPEG lossless
    {"1.2.840.10008.1.2.4.70", SyntaxClass::kLossless},   // JPEG lossless SV1
    {"1.2.840.10008.1.2.4.80", SyntaxClass::kLossless},   // JPEG-LS lossless
    {"1.2.840.10008.1.2.4.90", SyntaxClass::kLossless},   // JPEG 2000 lossless
    {"1.2.840.10008.1.2.4.201", SyntaxClass::kLossless},  // HTJ2K lossless
    {"1.2.840.10008.1.2.4.202", SyntaxClass::kLossless},  // HTJ2K lossless RPCL
    {"1.2.840.10008.1.2.4.50", SyntaxClass::kLossy},      // JPEG baseline
    {"1.2.840.10008.1.2.4.51", SyntaxClass::kLossy},      // JPEG extended
    {"1.2.840.10008.1.2.4.53", SyntaxClass::kLossy},      // JPEG spectral selection, retired
    {"1.2.840.10008.1.2.4.55", SyntaxClass::kLossy},      // JPEG full progression, retired
    {"1.2.840.10008.1.2.4.81", SyntaxClass::kLossy},      // JPEG-LS near-lossless
    {"1.2.840.10008.1.2.4.91", SyntaxClass::kLossy},      // JPEG 2000
    {"1.2.840.10008.1.2.4.203", SyntaxClass::kLossy},     // HTJ2K
});

bool IsCommitment(const Uid& abstract_syntax) {
  return abstract_syntax.value() == kStorageCommitmentSopClass;
}

bool IsServed(const Uid& abstract_syntax, const ReceiverOptions& options) {
  if (IsCommitment(abstract_syntax)) {
    return options.grant_commitment || options.expect_commitment_reports;
  }
  return abstract_syntax.value() == kVerificationSopClass || IsStorageSopClass(abstract_syntax);
}

// What the peer may be. Without role selection it is an SCU (PS3.7 D.3.3.4).
RoleSelection AnsweredRole(const RoleSelection& proposed, const ReceiverOptions& options) {
  if (IsCommitment(proposed.sop_class_uid)) {
    return {proposed.sop_class_uid,
            proposed.scu && options.grant_commitment,
            proposed.scp && options.expect_commitment_reports};
  }
  return {proposed.sop_class_uid, proposed.scu, false};
}

bool HasNoRole(const AssociateRequest& request,
               const Uid& abstract_syntax,
               const ReceiverOptions& options) {
  return std::any_of(request.roles.begin(), request.roles.end(), [&](const RoleSelection& role) {
    const RoleSelection answer = AnsweredRole(role, options);
    return role.sop_class_uid == abstract_syntax && !answer.scu && !answer.scp;
  });
}

SyntaxClass ClassWithin(const Uid& abstract_syntax, const Uid& transfer_syntax) {
  const SyntaxClass found = ClassOf(transfer_syntax);
  const bool plain =
      found == SyntaxClass::kExplicitLittleEndian || found == SyntaxClass::kImplicitLittleEndian;
  return plain || !IsCommitment(abstract_syntax) ? found : SyntaxClass::kNotSupported;
}

AnsweredContext Answer(const ProposedContext& proposed,
                       const AssociateRequest& request,
                       const ReceiverOptions& options) {
  const Uid& abstract_syntax = proposed.abstract_syntax;
  AnsweredContext answer;
  answer.id = proposed.id;
  answer.abstract_syntax = abstract_syntax;
  if (!IsServed(abstract_syntax, options)) {
    answer.result = ContextResult::kAbstractSyntaxNotSupported;
    return answer;
  }
  const auto best =
      std::min_element(proposed.transfer_syntaxes.begin(),
                       proposed.transfer_syntaxes.end(),
                       [&](const Uid& a, const Uid& b) {
                         return ClassWithin(abstract_syntax, a) < ClassWithin(abstract_syntax, b);
                       });
  if (best == proposed.transfer_syntaxes.end() ||
      ClassWithin(abstract_syntax, *best) == SyntaxClass::kNotSupported) {
    answer.result = ContextResult::kTransferSyntaxesNotSupported;
  } else if (HasNoRole(request, abstract_syntax, options)) {
    answer.result = ContextResult::kUserRejection;
  } else {
    answer.transfer_syntax = *best;
  }
  return answer;
}

const CalledAe* FindCalledAe(const std::string& title, const ReceiverOptions& options) {
  const auto found = std::find_if(options.ae_titles.begin(),
                                  options.ae_titles.end(),
                                  [&](const CalledAe& ae) { return Trimmed(ae.title) == title; });
  return title.empty() || found == options.ae_titles.end() ? nullptr : &*found;
}

}  // namespace

SyntaxClass ClassOf(const Uid& transfer_syntax) {
  const auto found = std::find_if(kSyntaxes.begin(), kSyntaxes.end(), [&](const auto& entry) {
    return entry.first == transfer_syntax.value();
  });
  return found == kSyntaxes.end() ? SyntaxClass::kNotSupported : found->second;
}

NegotiatedContexts Negotiate(const AssociateRequest& request, const ReceiverOptions& options) {
  NegotiatedContexts negotiated;
  for (const auto& proposed : request.contexts) {
    negotiated.contexts.push_back(Answer(proposed, request, options));
  }
  for (const auto& role : request.roles) {
    if (IsServed(role.sop_class_uid, options)) {
      negotiated.roles.push_back(AnsweredRole(role, options));
    }
  }
  return negotiated;
}

bool ProposesStorage(const AssociateRequest& request) {
  return std::any_of(
      request.contexts.begin(), request.contexts.end(), [](const ProposedContext& context) {
        return IsStorageSopClass(context.abstract_syntax);
      });
}

bool TlsSuffices(const std::string& called_ae,
                 const ReceiverOptions& options,
                 bool secure,
                 bool client_certificate) {
  const CalledAe* ae = FindCalledAe(called_ae, options);
  if (ae == nullptr || ae->tls == TlsUse::kOptional) {
    return ae != nullptr;
  }
  return secure && (client_certificate || ae->tls == TlsUse::kRequired);
}

std::optional<Rejection> CheckRequest(const AssociateRequest& request,
                                      const ReceiverOptions& options) {
  if ((request.protocol_version & 1U) == 0) {
    return kRejectProtocolVersion;
  }
  if (request.application_context.value() != kApplicationContext) {
    return kRejectApplicationContext;
  }
  if (FindCalledAe(request.called_ae, options) == nullptr) {
    return kRejectCalledAe;
  }
  if (request.calling_ae.empty() || AllowedHosts(request.calling_ae, options).empty()) {
    return kRejectCallingAe;
  }
  return std::nullopt;
}

std::vector<std::string> AllowedHosts(const std::string& calling_ae,
                                      const ReceiverOptions& options) {
  if (options.accept_any_calling) {
    return {""};
  }
  std::vector<std::string> hosts;
  for (const auto& peer : options.peers) {
    if (SameAeTitle(Trimmed(peer.ae_title), calling_ae, peer.case_insensitive)) {
      hosts.push_back(peer.host);
    }
  }
  return hosts;
}

std::string ToString(const Rejection& rejection) {
  if (rejection == kRejectApplicationContext) {
    return "application context not supported";
  }
  if (rejection == kRejectCallingAe) {
    return "calling AE title or address not allowed";
  }
  if (rejection == kRejectCalledAe) {
    return "called AE title unknown";
  }
  if (rejection == kRejectProtocolVersion) {
    return "protocol version not supported";
  }
  if (rejection == kRejectCongestion) {
    return "storage reserve reached";
  }
  if (rejection == kRejectLimit) {
    return "too many associations";
  }
  if (rejection == kRejectInsecure) {
    return "the called AE title takes TLS or a client certificate only";
  }
  return "no reason given";
}

}  // namespace necknode::scp
