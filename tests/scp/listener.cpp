#include "tests/scp/listener.h"

#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace necknode::scp::tests {

Listener::Listener(std::function<void(RawPeer)> serve) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  bind(listener_, generic, length);
  listen(listener_, 16);
  getsockname(listener_, generic, &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, serve = std::move(serve)] {
    for (int accepted = 0; (accepted = accept(listener_, nullptr, nullptr)) >= 0;) {
      serve(RawPeer(accepted));
    }
  });
}

Listener::~Listener() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

}  // namespace necknode::scp::tests
