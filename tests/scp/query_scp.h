#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "scp/command_set.h"
#include "scp/identifier.h"
#include "scp/negotiation.h"
#include "scp/storage_scu.h"
#include "tests/scp/listener.h"
#include "tests/scp/raw_peer.h"

namespace necknode::scp::tests {

/// One attribute of an answer's identifier.
struct Attribute {
  unsigned group = 0, element = 0;
  std::string vr, value;
};
[[nodiscard]] Bytes IdentifierBytes(const std::vector<Attribute>& attributes,
                                    bool explicit_vr = true);

/// A SERIES level answer. `instances` empty: says nothing of them.
[[nodiscard]] std::vector<Attribute> SeriesAnswer(const std::string& study,
                                                  const std::string& series,
                                                  const std::string& instances);

/// A Query/Retrieve SCP that does what a test tells it, without DCMTK, until the end of the scope.
class QueryScp {
 public:
  struct Answer {
    std::vector<std::vector<Attribute>> identifiers = {};
    unsigned status = 0x0000;  ///< of the last response
    bool endless = false;      ///< the first identifier over and over
    bool abort = false;
    std::latch* silent_until_open = nullptr;  ///< then it breaks off
    Bytes raw_identifier = {};                ///< sent as an identifier as it is
  };
  struct Script {
    std::set<std::string> refused_classes;
    bool implicit_vr = false;
    std::function<Answer(const Identifier& keys)> find;
    /// What a C-MOVE or C-GET sends.
    std::function<std::vector<CtImage>(const Identifier& keys)> retrieve;
    std::uint16_t destination_port = 0;  ///< of the Move Destination
    unsigned retrieve_status = 0x0000;
    bool names_originator = true;  ///< in the C-STOREs of a C-MOVE
    std::string move_calling_ae = "ARCHIVE";
  };
  explicit QueryScp(Script script);
  QueryScp(const QueryScp&) = delete;
  QueryScp& operator=(const QueryScp&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] RemotePeer Peer(const std::string& name = "archive") const {
    return {name, "ARCHIVE", "127.0.0.1", port(), std::nullopt};
  }
  [[nodiscard]] int associations() const { return associations_; }
  /// C-MOVE and C-GET requests.
  [[nodiscard]] int retrievals() const { return retrievals_; }
  /// Statuses of the C-STOREs of C-GETs, in order.
  [[nodiscard]] std::vector<unsigned> StoreStatuses() const;

 private:
  void Serve(RawPeer peer);
  void ServeMessages(RawPeer& peer, const NegotiatedContexts& contexts);
  /// False: the association is over.
  bool AnswerRetrieve(RawPeer& peer,
                      const NegotiatedContexts& contexts,
                      unsigned context,
                      const CommandRequest& request,
                      const Bytes& keys);
  void SendMoved(const CtImage& image, unsigned message_id);
  bool SendGot(RawPeer& peer, const NegotiatedContexts& contexts, const CtImage& image);
  bool AnswerFind(RawPeer& peer, unsigned context, unsigned message_id, const Bytes& keys);

  Script script_;
  std::atomic<int> associations_{0}, retrievals_{0};
  mutable std::mutex mutex_;
  std::vector<unsigned> store_statuses_;  // guarded by mutex_
  Listener listener_;                     // the last: it uses the others
};

}  // namespace necknode::scp::tests
