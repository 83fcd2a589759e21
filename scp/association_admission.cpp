// Whether a peer that proposes an association is let in, and what is negotiated with it.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/log.h"
#include "scp/association.h"
#include "scp/negotiation.h"

namespace necknode::scp {
namespace asio = boost::asio;
namespace {

const char* LabelOf(const Rejection& rejection) {
  if (rejection == kRejectCallingAe) {
    return "calling_ae";
  }
  if (rejection == kRejectCalledAe) {
    return "called_ae";
  }
  if (rejection == kRejectInsecure) {
    return "insecure";
  }
  if (rejection == kRejectCongestion) {
    return "disk_reserve";
  }
  return rejection == kRejectLimit ? "too_many" : "protocol";
}

}  // namespace

asio::awaitable<void> Association::Admit(AssociateRequest request) {
  options_ = services_.options.Get();
  calling_ae_ = request.calling_ae;
  called_ae_ = request.called_ae;
  peer_max_pdu_ = request.max_pdu;
  if (const auto rejection = co_await Judge(request)) {
    rejection_ = ToString(*rejection);
    not_allowed_ = *rejection == kRejectCallingAe || *rejection == kRejectCalledAe ||
                   *rejection == kRejectInsecure;
    ++services_.counters.rejected;
    services_.endings.Add(kRejectedTotal, {{"reason", LabelOf(*rejection)}});
    co_await EndWith(EncodeAssociateReject(*rejection));
    end_ = "rejected";
    co_return;
  }
  NegotiatedContexts negotiated = Negotiate(request, *options_);
  reader_.emplace(services_.store.objects(),
                  negotiated.contexts,
                  calling_ae_,
                  called_ae_,
                  options_->max_object_bytes);
  state_ = State::kEstablished;
  number_ = ++services_.last_association;
  ++services_.counters.associations;
  Log(LogLevel::kInfo,
      "association_accepted",
      {{"calling", calling_ae_},
       {"called", called_ae_},
       {"host", host()},
       {"contexts", request.contexts.size()},
       {"tls", transport_.secure()},
       {"certificate", transport_.ClientCertificate()}});
  AssociateAccept accept;
  accept.ae_fields = request.ae_fields;
  accept.contexts = std::move(negotiated.contexts);
  accept.roles = std::move(negotiated.roles);
  accept.max_pdu = options_->max_pdu;
  transport_.SetDeadline(options_->idle);
  if (co_await transport_.Send(EncodeAssociateAccept(accept)) != Transport::Wait::kReady) {
    transport_.Close();
  }
}

asio::awaitable<std::optional<Rejection>> Association::Judge(const AssociateRequest& request) {
  if (auto rejection = CheckRequest(request, *options_)) {
    co_return rejection;
  }
  if (!TlsSuffices(request.called_ae,
                   *options_,
                   transport_.secure(),
                   !transport_.ClientCertificate().empty())) {
    co_return kRejectInsecure;
  }
  if (!co_await HostAllowed(request)) {
    co_return kRejectCallingAe;
  }
  if (ProposesStorage(request) && services_.store.objects().FreeAboveReserve() == 0) {
    co_return kRejectCongestion;
  }
  if (!services_.connections.Associate(*this)) {
    co_return kRejectLimit;
  }
  co_return std::nullopt;
}

asio::awaitable<bool> Association::HostAllowed(const AssociateRequest& request) {
  const auto allowed = AllowedHosts(request.calling_ae, *options_);
  for (const std::string& name : allowed) {
    if (name.empty() || name == host()) {
      co_return true;
    }
  }
  for (const std::string& name : allowed) {
    boost::system::error_code not_an_address;
    asio::ip::make_address(name, not_an_address);
    if (!not_an_address) {
      continue;
    }
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto [error, found] =
        co_await resolver.async_resolve(name, "", asio::as_tuple(asio::use_awaitable));
    for (const auto& entry : found) {
      if (!error && entry.endpoint().address().to_string() == host()) {
        co_return true;
      }
    }
  }
  co_return false;
}

}  // namespace necknode::scp
