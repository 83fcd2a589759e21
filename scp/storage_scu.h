#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/uid.h"
#include "scp/tls_files.h"
#include "scp/web_service.h"

namespace necknode::scp {

/// A remote Storage SCP, or a web service that takes its place.
struct RemotePeer {
  std::string name;  ///< in our configuration
  std::string ae_title, host;
  std::uint16_t port = 104;
  std::optional<TlsFiles> tls;                   ///< speak TLS; its certificate must be for `host`
  std::optional<WebService> web = std::nullopt;  ///< send there by STOW-RS instead
  /// A document is done only when the peer has committed itself to it. Not by web.
  bool storage_commitment = false;
};

/// What became of one document sent.
struct SendResult {
  enum class Kind {
    kDelivered,  ///< 0x0000 or a warning 0xB000, 0xB006, 0xB007
    kRetry,      ///< may succeed later
    kPermanent,  ///< will not; park
  };
  Kind kind = Kind::kRetry;
  std::string status;  ///< "0xA700", "connection refused", "no presentation context", ...
  std::string detail;
  int max_attempts = 0;                 ///< 0: unlimited; else park after so many tries
  Uid sent_sop_instance_uid;            ///< which of the alternatives was sent
  std::chrono::seconds retry_after{0};  ///< the peer wants no earlier try
};

/// One document to be sent: alternatives in order of preference; the first whose SOP class the peer
/// accepts is sent.
struct Outgoing {
  struct Alternative {
    Uid sop_class_uid, sop_instance_uid;
    std::vector<std::byte> part10;
  };
  std::vector<Alternative> alternatives;
};

/// Sends documents of one study to one peer over one association (DCMTK SCU, TCP_NODELAY).
/// `peer.web` is not looked at. Never throws for what the peer does: each document has its result,
/// in the order given. After an error the association is aborted and the rest are kRetry.
[[nodiscard]] std::vector<SendResult> SendDocuments(const std::string& our_ae_title,
                                                    const RemotePeer& peer,
                                                    const std::vector<Outgoing>& documents,
                                                    std::chrono::seconds timeout);

/// C-ECHO. Returns an empty string on success, else what failed.
[[nodiscard]] std::string Echo(const std::string& our_ae_title,
                               const RemotePeer& peer,
                               std::chrono::seconds timeout);

}  // namespace necknode::scp
