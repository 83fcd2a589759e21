#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scp/pdu.h"
#include "scp/receiver.h"

namespace necknode::scp {

/// How a transfer syntax is liked within one presentation context; a lower class is picked first.
enum class SyntaxClass {
  kExplicitLittleEndian,
  kImplicitLittleEndian,
  kLossless,
  kLossy,
  kNotSupported
};
/// Uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000 and HTJ2K syntaxes, stored as they come
/// (list: docs/conformance.md). JPIP, video and private ones are not supported. JPEG 2000 and HTJ2K
/// syntaxes that may be either count as lossy.
[[nodiscard]] SyntaxClass ClassOf(const Uid& transfer_syntax);

struct NegotiatedContexts {
  std::vector<AnsweredContext> contexts;  ///< one per proposed one, in its order
  std::vector<RoleSelection> roles;       ///< answers to the roles proposed
};

/// Answers every proposed context: verification and storage SOP classes are accepted with the best
/// transfer syntax, the first proposed one among equals. A peer that proposes to be no SCU of them
/// has its contexts of that class rejected: we send no objects on an association that we did not
/// make. Storage commitment is accepted, in little endian, from an SCU where `options` grants it,
/// and from an SCP (by role selection, or without any: some PACS leave it out) where reports are
/// expected.
[[nodiscard]] NegotiatedContexts Negotiate(const AssociateRequest& request,
                                           const ReceiverOptions& options);

/// True where a storage SOP class is proposed.
[[nodiscard]] bool ProposesStorage(const AssociateRequest& request);

/// Judges protocol version, application context, called and calling AE title (PS3.8 9.3.4);
/// nullopt: nothing wrong. The peer's address is not judged, see AllowedHosts.
[[nodiscard]] std::optional<Rejection> CheckRequest(const AssociateRequest& request,
                                                    const ReceiverOptions& options);

/// Whether a connection is secure enough for the called AE, one of options.ae_titles.
[[nodiscard]] bool TlsSuffices(const std::string& called_ae,
                               const ReceiverOptions& options,
                               bool secure,
                               bool client_certificate);

/// Hosts from which `calling_ae` may call: those of all peers with this title. An empty host means
/// any address; an empty list means that the title is not allowed at all.
[[nodiscard]] std::vector<std::string> AllowedHosts(const std::string& calling_ae,
                                                    const ReceiverOptions& options);

inline constexpr Rejection kRejectInsecure{1, 1, 1};
inline constexpr Rejection kRejectApplicationContext{1, 1, 2};
inline constexpr Rejection kRejectCallingAe{1, 1, 3};
inline constexpr Rejection kRejectCalledAe{1, 1, 7};
inline constexpr Rejection kRejectProtocolVersion{1, 2, 2};
inline constexpr Rejection kRejectCongestion{2, 3, 1};
inline constexpr Rejection kRejectLimit{2, 3, 2};
/// For logs and audit, e.g. "calling AE title or address not allowed".
[[nodiscard]] std::string ToString(const Rejection& rejection);

}  // namespace necknode::scp
