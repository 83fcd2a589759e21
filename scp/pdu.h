#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/uid.h"

namespace necknode::scp {

/// The DICOM application context name, PS3.7 annex A.2.1.
inline constexpr std::string_view kApplicationContext = "1.2.840.10008.3.1.1.1";

/// Protocol data units of the DICOM upper layer, PS3.8 section 9.3.
enum class PduType : std::uint8_t {
  kAssociateRequest = 1,
  kAssociateAccept = 2,
  kAssociateReject = 3,
  kData = 4,
  kReleaseRequest = 5,
  kReleaseResponse = 6,
  kAbort = 7,
};

inline constexpr std::size_t kPduHeaderBytes = 6;
/// 128 contexts of 30 transfer syntaxes each take about 100 KB.
inline constexpr std::size_t kMaxAssociateRequestBytes = 256 * 1024;
/// More than any sender proposes; the rest of a context's transfer syntaxes is skipped.
inline constexpr std::size_t kMaxTransferSyntaxesPerContext = 256;
inline constexpr std::size_t kMaxRoleSelections = 256;

struct PduHeader {
  std::uint8_t type = 0;     ///< may be none of PduType
  std::uint32_t length = 0;  ///< of what follows the header
};
[[nodiscard]] PduHeader DecodePduHeader(std::span<const std::byte, kPduHeaderBytes> bytes);

struct ProposedContext {
  std::uint8_t id = 0;
  Uid abstract_syntax;
  std::vector<Uid> transfer_syntaxes;  ///< in the order proposed
};

/// SCP/SCU Role Selection, PS3.7 D.3.3.4.
struct RoleSelection {
  Uid sop_class_uid;
  bool scu = false, scp = false;
};

struct AssociateRequest {
  std::uint16_t protocol_version = 0;
  std::string called_ae, calling_ae;      ///< trimmed
  std::array<std::byte, 64> ae_fields{};  ///< as received: the A-ASSOCIATE-AC repeats them
  Uid application_context;
  std::vector<ProposedContext> contexts;  ///< at most 128, ids odd and unique
  std::vector<RoleSelection> roles;
  std::uint32_t max_pdu = 0;  ///< what the peer receives; 0: unlimited
  Uid implementation_class_uid;
  std::string implementation_version;
};

/// `body` is what follows the PDU header. Unknown items and sub-items are skipped. Throws
/// Error(kParse) where a length leads outside, a context id is even or repeated, or no context is
/// proposed.
[[nodiscard]] AssociateRequest DecodeAssociateRequest(std::span<const std::byte> body);

/// Result/Reason of one presentation context, PS3.8 Table 9-18.
enum class ContextResult : std::uint8_t {
  kAccepted = 0,
  kUserRejection = 1,
  kAbstractSyntaxNotSupported = 3,
  kTransferSyntaxesNotSupported = 4,
};

struct AnsweredContext {
  std::uint8_t id = 0;
  ContextResult result = ContextResult::kAccepted;
  Uid abstract_syntax;
  Uid transfer_syntax;  ///< of an accepted context
};

struct AssociateAccept {
  std::array<std::byte, 64> ae_fields{};
  std::vector<AnsweredContext> contexts;
  std::vector<RoleSelection> roles;
  std::uint32_t max_pdu = 0;  ///< what we receive
};
[[nodiscard]] std::vector<std::byte> EncodeAssociateAccept(const AssociateAccept& accept);

/// PS3.8 Table 9-21.
struct Rejection {
  std::uint8_t result = 1;  ///< 1 permanent, 2 transient
  std::uint8_t source =
      1;  ///< 1 service user, 2 service provider (ACSE), 3 service provider (presentation)
  std::uint8_t reason = 1;
  bool operator==(const Rejection&) const = default;
};
[[nodiscard]] std::vector<std::byte> EncodeAssociateReject(const Rejection& rejection);

/// Source of an A-ABORT and, from the provider, its reason (PS3.8 Table 9-26).
struct AbortReason {
  std::uint8_t source = 0;
  std::uint8_t reason = 0;
};
inline constexpr AbortReason kAbortByUser{0, 0};
inline constexpr AbortReason kAbortUnrecognizedPdu{2, 1};
inline constexpr AbortReason kAbortUnexpectedPdu{2, 2};
inline constexpr AbortReason kAbortInvalidParameter{2, 6};
[[nodiscard]] std::vector<std::byte> EncodeAbort(AbortReason reason);

[[nodiscard]] std::vector<std::byte> EncodeReleaseResponse();

/// One presentation data value, PS3.8 section 9.3.5.1 and annex E. Borrows the PDU's bytes.
struct Pdv {
  std::uint8_t context_id = 0;
  bool command = false, last = false;
  std::span<const std::byte> bytes;
};
/// Throws Error(kParse) where the values do not fill the P-DATA-TF exactly or there is none.
[[nodiscard]] std::vector<Pdv> DecodeData(std::span<const std::byte> body);

enum class MessagePart { kCommand, kDataset };
/// A whole command set or dataset as P-DATA-TF PDUs, one as a rule, more where the peer's `max_pdu`
/// (0: unlimited) demands it.
[[nodiscard]] std::vector<std::byte> EncodeData(std::uint8_t context_id,
                                                MessagePart part,
                                                std::span<const std::byte> bytes,
                                                std::uint32_t max_pdu);

}  // namespace necknode::scp
