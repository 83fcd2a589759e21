#include "scp/requestor_transport.h"

#include <memory>

#include <dcmtk/dcmtls/tlslayer.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "core/error.h"
#include "scp/tls.h"

namespace necknode::scp {
namespace {

// DCMTK leaves Nagle's algorithm on unless an environment variable says otherwise; every request
// would then wait for a delayed acknowledgement.
template <typename Layer>
class WithoutDelay : public Layer {
 public:
  using Layer::Layer;
  DcmTransportConnection* createConnection(DcmNativeSocketType socket,
                                           OFBool use_secure_layer) override {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Layer::createConnection(socket, use_secure_layer);
  }
};
using PlainLayer = WithoutDelay<DcmTransportLayer>;
using TlsLayer = WithoutDelay<DcmTLSTransportLayer>;

OFCondition SetUp(TlsLayer& layer, const TlsFiles& tls, const std::string& host) {
  // DCMTK's own loading of a certificate leaks its key.
  try {
    LoadTlsFiles(layer.getNativeHandle(), tls);
  } catch (const Error& error) {
    return makeOFCondition(OFM_dcmtls, 1, OF_error, error.what());
  }
  OFCondition done = layer.setTLSProfile(TSP_Profile_BCP195_ND);
  if (done.good()) {
    done = layer.activateCipherSuites();
  }
  if (done.bad()) {
    return done;
  }
  layer.setCertificateVerification(DCV_requireCertificate);
  SSL_CTX* context = layer.getNativeHandle();
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 || !ExpectHost(context, host)) {
    return makeOFCondition(OFM_dcmtls, 1, OF_error, "TLS cannot be set up");
  }
  return EC_Normal;
}

}  // namespace

OFCondition SetTransport(T_ASC_Network& network, const TlsFiles* tls, const std::string& host) {
  if (tls == nullptr) {
    return ASC_setTransportLayer(&network, new PlainLayer, 1);
  }
  auto layer = std::make_unique<TlsLayer>(NET_REQUESTOR, nullptr, OFFalse);
  const OFCondition done = SetUp(*layer, *tls, host);
  return done.bad() ? done : ASC_setTransportLayer(&network, layer.release(), 1);
}

}  // namespace necknode::scp
