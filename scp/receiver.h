#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/counters.h"
#include "scp/tls_files.h"
#include "storage/store.h"

namespace necknode::scp {

/// A remote application entity that may call us.
struct CallingPeer {
  std::string ae_title;
  std::string host;  ///< empty: any address
  bool case_insensitive = false;
};

/// How a called AE is reached.
enum class TlsUse {
  kOptional,     ///< in the clear or by TLS
  kRequired,     ///< by TLS only
  kCertificate,  ///< by TLS with a client certificate that we trust
};

/// One of our AE titles.
struct CalledAe {
  std::string title;
  TlsUse tls = TlsUse::kOptional;
};

struct ReceiverOptions {
  std::string bind_address = "127.0.0.1";
  std::uint16_t port = 11112;                        ///< 0: any free one, see Receiver::port()
  std::optional<TlsFiles> tls;                       ///< listens for TLS too, on `tls_port`
  std::uint16_t tls_port = 2762;                     ///< 0: any free one, see Receiver::tls_port()
  std::vector<CalledAe> ae_titles = {{"NECKNODE"}};  ///< called AE titles we answer to
  bool accept_any_calling = true;                    ///< else only `peers`
  std::vector<CallingPeer> peers;
  std::chrono::milliseconds artim{
      30'000};  ///< from accept to a whole A-ASSOCIATE-RQ, and after our last PDU
  std::chrono::milliseconds idle{120'000};  ///< nothing received in an established association
  std::uint32_t max_pdu = 256 * 1024;       ///< that we receive
  int max_associations = 512;
  int max_associations_per_host = 256;
  int max_unassociated =
      1024;  ///< connections before their A-ASSOCIATE-RQ; the oldest is closed first
  std::uint64_t max_object_bytes = 4ULL << 30;
  /// Storage commitment for peers that send to us. A sender may delete on our word.
  bool grant_commitment = false;
  std::chrono::milliseconds commitment_keep{};  ///< retention spares what was committed for so long
  /// Peers report on the commitment that the sender asks of them, over associations of their own.
  bool expect_commitment_reports = false;
  /// Who may report: the destination's name and its AE title. Another's report is not taken.
  std::vector<std::pair<std::string, CallingPeer>> commitment_reporters;
  /// While an image comes slowly its association renews its hold on the study so often.
  std::chrono::milliseconds hold_renewal{5'000};
};

/// The Storage and Verification SCP: our own acceptor of the DICOM upper layer (PS3.8) on
/// Boost.Asio. Every C-STORE is streamed to an object, scanned, and answered 0x0000 only after
/// storage/ made it durable (T1).
class Receiver {
 public:
  /// Binds and listens. Throws Error(kNetwork) where a port is taken, Error(kConfig) where the TLS
  /// files are unusable. `store` and `clock` must
  /// outlive it.
  static std::unique_ptr<Receiver> Make(const ReceiverOptions& options,
                                        storage::Store& store,
                                        const Clock& clock);
  virtual ~Receiver() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual std::uint16_t tls_port() const = 0;  ///< 0 without TLS
  /// Serves until Stop(). Throws Error(kStorageFailed) when storage failed: the process must end.
  virtual void Run() = 0;
  /// Stops accepting, lets the C-STORE in hand finish, aborts the rest after `grace`. Thread safe,
  /// signal-handler not.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
  /// From the next association on holds what `options` says of AE titles, peers and storage
  /// commitment; addresses, ports, TLS files and limits stay as they are. Any calling AE title is
  /// taken only where the receiver listens on loopback. Associations that were let in go on as they
  /// were negotiated. Thread safe.
  virtual void Reconfigure(const ReceiverOptions& options) = 0;
  /// One line for `necknode status`: associations, instances, bytes, rejections.
  [[nodiscard]] virtual std::string StatusLine() const = 0;
  /// For monitoring: what was received since the start, associations and rejections. Thread safe.
  [[nodiscard]] virtual std::vector<CounterSample> Counted() const = 0;
};

}  // namespace necknode::scp
