#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/scp/datasets.h"

namespace necknode::scp::tests {

using Bytes = std::vector<std::byte>;

/// `type`, a zero and the length before `body`.
[[nodiscard]] Bytes PduOf(unsigned type, const Bytes& body);
/// A PDU of four zero bytes, as A-RELEASE-RQ, A-RELEASE-RP, A-ABORT and A-ASSOCIATE-RJ have.
[[nodiscard]] Bytes ShortPdu(unsigned type);

struct Proposal {
  struct Context {
    unsigned id = 1;
    std::string abstract_syntax = kCt;
    std::vector<std::string> transfer_syntaxes = {kExplicit};
  };
  struct Role {
    std::string sop_class;
    bool scu = true, scp = false;
  };
  std::string called = "NECKNODE", calling = "TESTSCU";
  std::string application_context = "1.2.840.10008.3.1.1.1";
  unsigned protocol_version = 1;
  std::vector<Context> contexts = {{1, kCt, {kExplicit}}, {3, kVerification, {kImplicit}}};
  std::vector<Role> roles;
  std::uint32_t max_pdu = 16384;
  Bytes more_items;  ///< appended as they are
};
[[nodiscard]] Bytes AssociateRequestOf(const Proposal& proposal);

/// One P-DATA-TF with one value.
[[nodiscard]] Bytes DataPdu(unsigned context, unsigned control, const Bytes& bytes);

struct Command {
  unsigned field = 0x0001;
  unsigned message_id = 7;
  bool dataset = true;
  std::string sop_class = kCt, sop_instance = "1.2.3.4.5";
  std::optional<unsigned> action_type = std::nullopt;  ///< of an N-ACTION
  std::string move_originator = {};  ///< not empty: the C-STORE answers its C-MOVE
  unsigned move_message_id = 0;
};
[[nodiscard]] Bytes CommandBytes(const Command& command);
[[nodiscard]] Bytes EchoRequest(unsigned context = 3);
/// Command and dataset of a C-STORE-RQ as PDUs with at most `piece` bytes of the dataset each.
[[nodiscard]] Bytes StoreRequest(unsigned context, const CtImage& image, std::size_t piece = 8192);
/// The same with another command.
[[nodiscard]] Bytes StoreRequest(unsigned context,
                                 const CtImage& image,
                                 std::size_t piece,
                                 const Command& command);

struct Pdu {
  unsigned type = 0;
  Bytes body;
};
/// What a response says.
struct Response {
  unsigned context = 0, field = 0, message_id = 0, status = 0xFFFF;
  Bytes offending;
  std::string comment, sop_instance;
};
[[nodiscard]] Response ResponseOf(const Pdu& pdu);

/// A hand-made peer on a plain socket. Every wait ends after ten seconds with what a closed
/// connection gives.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port);
  explicit RawPeer(int accepted_socket) : socket_(accepted_socket) {}
  ~RawPeer();
  RawPeer(RawPeer&& other) noexcept : socket_(other.socket_) { other.socket_ = -1; }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  /// False where the connection is gone.
  bool Send(const Bytes& bytes);
  bool SendByteByByte(const Bytes& bytes);
  /// Nullopt: closed by the other side.
  std::optional<Pdu> Receive();
  /// True where nothing more comes and the connection ends.
  bool EndsSilently() { return !Receive().has_value(); }
  /// Proposes and expects the answer.
  std::optional<Pdu> Associate(const Proposal& proposal = {});
  /// Sends and reads the response to it.
  Response Ask(const Bytes& request);
  void Close();
  /// Closes with a TCP reset.
  void Reset();

 private:
  bool ReadAll(std::byte* to, std::size_t count);
  int socket_ = -1;
};

}  // namespace necknode::scp::tests
