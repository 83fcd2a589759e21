#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmnet/dimse.h>

#include "scp/command_set.h"
#include "scp/identifier.h"
#include "scp/requestor.h"

namespace necknode::scp {

/// What a response says of its operation (PS3.7 annex E.1).
struct Outcome {
  std::uint16_t status = 0;                        ///< (0000,0900)
  std::optional<std::uint16_t> completed, failed;  ///< sub-operations, (0000,1021) and (0000,1022)
  std::string comment;                             ///< (0000,0902)
  [[nodiscard]] bool pending() const { return (status & 0xFF00U) == 0xFF00U; }
};
/// Reads a response's command set that DecodeCommand has taken.
[[nodiscard]] Outcome DecodeOutcome(std::span<const std::byte> command);

/// One command that came.
struct ReceivedCommand {
  T_ASC_PresentationContextID context = 0;
  CommandRequest command;  ///< a response's too, by its Command Field
  Outcome outcome;         ///< of a response
};

/// An association, as its requestor, with a peer of which more comes than a status: of
/// Query/Retrieve or of storage commitment. DCMTK keeps the association and sends; what comes is
/// read in bounded pieces and by our own readers. Throws Error(kNetwork | kTimeout) for what may go
/// well another time, Error(kUnsupported) for what will not, Error(kParse) for what is no DIMSE
/// message. After any of them the association is aborted. Not thread safe.
class BoundedAssociation {
 public:
  using TakeBytes = std::function<void(std::span<const std::byte>)>;

  struct Limits {
    std::chrono::seconds timeout{30};  ///< for connecting
    std::chrono::seconds silence{30};  ///< until the next byte is to come
    std::chrono::seconds total{300};
    std::stop_token stop = {};  ///< ends a wait within a second, by Error(kTimeout)
  };

  /// Connects.
  BoundedAssociation(const std::string& our_ae_title,
                     const RemotePeer& peer,
                     Limits limits,
                     const std::vector<Requestor::Proposal>& proposals);

  /// The context of a SOP class. Throws Error(kUnsupported) where the peer does not take it.
  [[nodiscard]] T_ASC_PresentationContextID ContextOf(const std::string& sop_class) const;
  [[nodiscard]] Uid SopClassOf(T_ASC_PresentationContextID context) const;
  [[nodiscard]] Uid TransferSyntaxOf(T_ASC_PresentationContextID context) const;
  void Send(T_ASC_PresentationContextID context, T_DIMSE_Message& request, DcmDataset* identifier);
  /// Something comes within `wait`.
  [[nodiscard]] bool DataWaits(std::chrono::seconds wait) const;
  [[nodiscard]] ReceivedCommand ReceiveCommand();
  /// The dataset that follows a command, in pieces.
  void ReceiveDataset(T_ASC_PresentationContextID context, const TakeBytes& take);
  /// The same in one piece, of at most `limit` bytes.
  [[nodiscard]] std::vector<std::byte> ReceiveDataset(T_ASC_PresentationContextID context,
                                                      std::size_t limit);
  /// Whether datasets of the context come with explicit VRs.
  [[nodiscard]] bool IsExplicit(T_ASC_PresentationContextID context) const;
  /// The same, read as the identifier of an answer.
  [[nodiscard]] Identifier ReceiveIdentifier(T_ASC_PresentationContextID context);
  /// Answers a C-STORE that came on this association.
  void AnswerStore(const ReceivedCommand& received, const CommandResponse& response);
  [[nodiscard]] DIC_US NextMessageId() { return requestor_.association()->nextMsgID++; }
  void Release() { requestor_.Release(); }

 private:
  DUL_PDV NextValue(DUL_DATAPDV type);
  void AwaitData();
  [[nodiscard]] T_ASC_PresentationContext Accepted(T_ASC_PresentationContextID context) const;

  const Limits limits_;
  Requestor requestor_;
  const std::chrono::steady_clock::time_point deadline_;
};

}  // namespace necknode::scp
