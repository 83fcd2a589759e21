#include "tests/scp/scripted_web.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "dicom_io/scanner.h"
#include "scp/tls.h"

namespace necknode::scp::tests {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr const char* kHeadEnd = "\r\n\r\n";

std::string Item(const std::string& sop_instance_uid,
                 const std::string& attribute,
                 const std::string& reason) {
  std::string item = R"({"00081155":{"vr":"UI","Value":[")" + sop_instance_uid + R"("]})";
  if (!reason.empty()) {
    item += ",\"" + attribute + R"(":{"vr":"US","Value":[)" + reason + "]}";
  }
  return item + "}";
}

WebRequest ParseHead(const std::string& head) {
  WebRequest request;
  const auto first_space = head.find(' ');
  request.method = head.substr(0, first_space);
  request.target = head.substr(first_space + 1, head.find(' ', first_space + 1) - first_space - 1);
  for (auto line = head.find("\r\n") + 2; line + 2 < head.size();) {
    const auto end = head.find("\r\n", line);
    const auto colon = head.find(':', line);
    std::string name = head.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    request.headers[name] = head.substr(colon + 2, end - colon - 2);
    line = end + 2;
  }
  return request;
}

}  // namespace

WebAnswer AnswerOf(int status,
                   const std::string& body,
                   const std::string& content_type,
                   const std::string& more) {
  return {"HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Type: " + content_type +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body};
}

std::string Stored(const std::string& sop_instance_uid, const std::string& warning_reason) {
  return R"({"00081198":{"vr":"SQ"},"00081199":{"vr":"SQ","Value":[)" +
         Item(sop_instance_uid, "00081196", warning_reason) + "]}}";
}

std::string NotStored(const std::string& sop_instance_uid, const std::string& failure_reason) {
  return R"({"00081199":{"vr":"SQ"},"00081198":{"vr":"SQ","Value":[)" +
         Item(sop_instance_uid, "00081197", failure_reason) + "]}}";
}

std::string PartOf(const WebRequest& request) {
  const std::string prefix = "multipart/related; type=\"application/dicom\"; boundary=";
  const auto type = request.headers.find("content-type");
  if (type == request.headers.end() || !type->second.starts_with(prefix)) {
    return "";
  }
  const std::string boundary = "--" + type->second.substr(prefix.size());
  const std::string head = boundary + "\r\nContent-Type: application/dicom\r\n\r\n";
  const std::string tail = "\r\n" + boundary + "--\r\n";
  if (!request.body.starts_with(head) || !request.body.ends_with(tail)) {
    return "";
  }
  return request.body.substr(head.size(), request.body.size() - head.size() - tail.size());
}

std::string InstanceOf(const WebRequest& request) {
  const std::string part = PartOf(request);
  return dicom_io::ScanBytes(std::as_bytes(std::span(part))).sop_instance_uid.value();
}

std::string ClassOf(const WebRequest& request) {
  const std::string part = PartOf(request);
  return dicom_io::ScanBytes(std::as_bytes(std::span(part))).sop_class_uid.value();
}

struct ScriptedWeb::Listener {
  asio::io_context context;
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::shared_ptr<asio::ssl::context> tls;
};

ScriptedWeb::ScriptedWeb(Script script, const std::optional<TlsFiles>& tls)
    : script_(std::move(script)), listener_(std::make_unique<Listener>()) {
  if (tls) {
    listener_->tls = MakeAcceptorTls(*tls);
  }
  thread_ = std::thread([this] { Serve(); });
}

ScriptedWeb::~ScriptedWeb() {
  // Ends the accept() that the thread waits in, which closing would not.
  shutdown(listener_->acceptor.native_handle(), SHUT_RDWR);
  thread_.join();
}

std::uint16_t ScriptedWeb::port() const { return listener_->acceptor.local_endpoint().port(); }

std::string ScriptedWeb::url() const {
  return std::string(listener_->tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(port()) +
         "/dicom-web";
}

std::vector<WebRequest> ScriptedWeb::Received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void ScriptedWeb::Serve() {
  for (;;) {
    boost::system::error_code error;
    tcp::socket socket(listener_->context);
    listener_->acceptor.accept(socket, error);
    if (error) {
      return;
    }
    ++connections_;
    if (!listener_->tls) {
      ServeConnection(socket);
      continue;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *listener_->tls);
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) {
      certificates_shown_ += SSL_get0_peer_certificate(stream.native_handle()) != nullptr ? 1 : 0;
      ServeConnection(stream);
    }
  }
}

template <typename Stream>
void ScriptedWeb::ServeConnection(Stream& stream) {
  std::string buffer;
  for (;;) {
    boost::system::error_code error;
    const auto head = asio::read_until(stream, asio::dynamic_buffer(buffer), kHeadEnd, error);
    if (error) {
      return;
    }
    WebRequest request = ParseHead(buffer.substr(0, head));
    buffer.erase(0, head);
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    if (buffer.size() < size) {
      asio::read(stream,
                 asio::dynamic_buffer(buffer),
                 asio::transfer_exactly(size - buffer.size()),
                 error);
    }
    if (error) {
      return;
    }
    request.body = buffer.substr(0, size);
    buffer.erase(0, size);
    {
      const std::lock_guard lock(mutex_);
      received_.push_back(request);
    }
    const WebAnswer answer = script_(request);
    asio::write(stream, asio::buffer(answer.bytes), error);
    if (error || answer.close) {
      return;
    }
  }
}

}  // namespace necknode::scp::tests
