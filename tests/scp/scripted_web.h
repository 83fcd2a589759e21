#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "scp/tls_files.h"

namespace necknode::scp::tests {

struct WebRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

struct WebAnswer {
  std::string bytes;   ///< as they go over the wire, head and body
  bool close = false;  ///< afterwards
};

/// An answer with its head. `more` are further header lines, each with its line end.
[[nodiscard]] WebAnswer AnswerOf(int status,
                                 const std::string& body = "",
                                 const std::string& content_type = "application/dicom+json",
                                 const std::string& more = "");
/// A store response with one item in one of its sequences; `reason` is put in as it is, if any.
[[nodiscard]] std::string Stored(const std::string& sop_instance_uid,
                                 const std::string& warning_reason = "");
[[nodiscard]] std::string NotStored(const std::string& sop_instance_uid,
                                    const std::string& failure_reason = "");
/// The bytes of the only part of a Store transaction's request; empty where it is not well formed.
[[nodiscard]] std::string PartOf(const WebRequest& request);
/// SOP Instance UID and SOP Class UID of that part, read by our scanner.
[[nodiscard]] std::string InstanceOf(const WebRequest& request);
[[nodiscard]] std::string ClassOf(const WebRequest& request);

/// An HTTP/1.1 server on a free port of the loopback that answers as a test tells it, one
/// connection after another, until the end of the scope.
class ScriptedWeb {
 public:
  using Script = std::function<WebAnswer(const WebRequest&)>;
  /// With `tls` it speaks only that, and takes only clients with a certificate that `tls->trusted`
  /// vouches for, or with none.
  explicit ScriptedWeb(Script script, const std::optional<TlsFiles>& tls = std::nullopt);
  ~ScriptedWeb();
  ScriptedWeb(const ScriptedWeb&) = delete;
  ScriptedWeb& operator=(const ScriptedWeb&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// "http://127.0.0.1:<port>/dicom-web", or https.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::vector<WebRequest> Received() const;
  [[nodiscard]] int connections() const { return connections_; }
  /// Handshakes in which the client showed a certificate.
  [[nodiscard]] int certificates_shown() const { return certificates_shown_; }

 private:
  struct Listener;
  void Serve();
  template <typename Stream>
  void ServeConnection(Stream& stream);

  Script script_;
  std::unique_ptr<Listener> listener_;
  std::atomic<int> connections_{0}, certificates_shown_{0};
  mutable std::mutex mutex_;  // guards received_
  std::vector<WebRequest> received_;
  std::thread thread_;
};

}  // namespace necknode::scp::tests
