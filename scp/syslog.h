#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "core/clock.h"
#include "scp/tls_files.h"

namespace necknode::scp {

/// Severities of RFC 5424 that audit messages have; the facility is 10, security and authorization.
enum class SyslogSeverity { kWarning = 4, kNotice = 5 };

/// One SYSLOG-MSG of RFC 5424 after PS3.15 A.6 and A.7: application name "necknode", this process,
/// MSGID "DICOM+RFC3881", no structured data, `xml` in UTF-8 after a byte order mark. What may not
/// stand in a host name is left out of `machine`.
[[nodiscard]] std::string SyslogMessage(SyslogSeverity severity,
                                        WallTime time,
                                        const std::string& machine,
                                        const std::string& xml);

/// The way to one syslog server. Waits no longer than its timeout for one step of it, and not at
/// all once it is told to stop. After an Error the next Send() begins anew. Not thread safe.
class SyslogTransport {
 public:
  virtual ~SyslogTransport() = default;
  /// Throws Error(kNetwork | kTimeout) where the server is away, Error(kConfig) where the TLS files
  /// are of no use, Error(kInvalidArgument) where the message is too long for the transport.
  virtual void Send(const std::string& message) = 0;
  /// Waits until all that was sent is known to have reached the server's machine, as far as the
  /// transport can tell. Throws as Send() does: what was sent since the last Flush() may be lost.
  virtual void Flush() = 0;
};

struct SyslogServer {
  std::string host;
  std::uint16_t port = 0;
  std::chrono::milliseconds timeout{5'000};
};

/// RFC 5426: one datagram for each message. Only a refusal by the server's machine can tell that
/// nobody listens; Flush() waits 50 ms for one.
[[nodiscard]] std::unique_ptr<SyslogTransport> MakeSyslogUdp(SyslogServer server);

/// RFC 5425: octet counting over TLS 1.2 or 1.3, the certificate must be for `server.host`. Flush()
/// waits for the server's TCP to acknowledge; whether its program has read, syslog does not tell.
[[nodiscard]] std::unique_ptr<SyslogTransport> MakeSyslogTls(SyslogServer server,
                                                             TlsFiles files,
                                                             std::stop_token stop);

}  // namespace necknode::scp
