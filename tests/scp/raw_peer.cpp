#include "tests/scp/raw_peer.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "scp/bytes.h"

namespace necknode::scp::tests {
namespace {

void AppendItem(ByteWriter& writer, unsigned type, const Bytes& body) {
  writer.U8(type);
  writer.U8(0);
  writer.U16BigEndian(body.size());
  writer.Bytes(body);
}

Bytes TextBytes(const std::string& text) {
  ByteWriter writer;
  writer.Text(text);
  return std::move(writer).Take();
}

Bytes ContextBody(const Proposal::Context& context) {
  ByteWriter writer;
  writer.U8(context.id);
  writer.Zeros(3);
  AppendItem(writer, 0x30, TextBytes(context.abstract_syntax));
  for (const auto& syntax : context.transfer_syntaxes) {
    AppendItem(writer, 0x40, TextBytes(syntax));
  }
  return std::move(writer).Take();
}

Bytes UserInformation(const Proposal& proposal) {
  ByteWriter length, writer;
  length.U32BigEndian(proposal.max_pdu);
  AppendItem(writer, 0x51, std::move(length).Take());
  AppendItem(writer, 0x52, TextBytes("1.2.3.99"));
  for (const auto& role : proposal.roles) {
    ByteWriter body;
    body.U16BigEndian(role.sop_class.size());
    body.Text(role.sop_class);
    body.U8(role.scu ? 1 : 0);
    body.U8(role.scp ? 1 : 0);
    AppendItem(writer, 0x54, std::move(body).Take());
  }
  AppendItem(writer, 0x55, TextBytes("RAWPEER"));
  return std::move(writer).Take();
}

std::string Padded(std::string title) {
  title.resize(16, ' ');
  return title;
}

void AppendElement(ByteWriter& writer, unsigned element, const Bytes& value) {
  writer.U16LittleEndian(0);
  writer.U16LittleEndian(element);
  writer.U32LittleEndian(value.size());
  writer.Bytes(value);
}

Bytes UsBytes(unsigned value) {
  ByteWriter writer;
  writer.U16LittleEndian(value);
  return std::move(writer).Take();
}

Bytes UidBytes(std::string uid) {
  uid.resize(uid.size() + uid.size() % 2, '\0');
  return TextBytes(uid);
}

}  // namespace

Bytes PduOf(unsigned type, const Bytes& body) {
  ByteWriter writer;
  writer.U8(type);
  writer.U8(0);
  writer.U32BigEndian(body.size());
  writer.Bytes(body);
  return std::move(writer).Take();
}

Bytes ShortPdu(unsigned type) { return PduOf(type, Bytes(4)); }

Bytes AssociateRequestOf(const Proposal& proposal) {
  ByteWriter writer;
  writer.U16BigEndian(proposal.protocol_version);
  writer.Zeros(2);
  writer.Text(Padded(proposal.called));
  writer.Text(Padded(proposal.calling));
  writer.Zeros(32);
  AppendItem(writer, 0x10, TextBytes(proposal.application_context));
  for (const auto& context : proposal.contexts) {
    AppendItem(writer, 0x20, ContextBody(context));
  }
  AppendItem(writer, 0x50, UserInformation(proposal));
  writer.Bytes(proposal.more_items);
  return PduOf(1, std::move(writer).Take());
}

Bytes DataPdu(unsigned context, unsigned control, const Bytes& bytes) {
  ByteWriter writer;
  writer.U32BigEndian(bytes.size() + 2);
  writer.U8(context);
  writer.U8(control);
  writer.Bytes(bytes);
  return PduOf(4, std::move(writer).Take());
}

Bytes CommandBytes(const Command& command) {
  ByteWriter writer;
  AppendElement(writer, command.action_type ? 0x0003 : 0x0002, UidBytes(command.sop_class));
  AppendElement(writer, 0x0100, UsBytes(command.field));
  AppendElement(writer, 0x0110, UsBytes(command.message_id));
  AppendElement(writer, 0x0700, UsBytes(0));
  AppendElement(writer, 0x0800, UsBytes(command.dataset ? 0x0000 : 0x0101));
  if (!command.sop_instance.empty()) {
    AppendElement(writer, command.action_type ? 0x1001 : 0x1000, UidBytes(command.sop_instance));
  }
  if (command.action_type) {
    AppendElement(writer, 0x1008, UsBytes(*command.action_type));
  }
  if (!command.move_originator.empty()) {
    AppendElement(writer, 0x1030, TextBytes(Padded(command.move_originator)));
    AppendElement(writer, 0x1031, UsBytes(command.move_message_id));
  }
  return std::move(writer).Take();
}

Bytes EchoRequest(unsigned context) {
  return DataPdu(context, 3, CommandBytes({0x0030, 9, false, kVerification, ""}));
}

Bytes StoreRequest(unsigned context, const CtImage& image, std::size_t piece) {
  return StoreRequest(
      context, image, piece, {0x0001, 7, true, image.sop_class_uid, image.sop_instance_uid});
}

Bytes StoreRequest(unsigned context,
                   const CtImage& image,
                   std::size_t piece,
                   const Command& command) {
  Bytes request = DataPdu(context, 3, CommandBytes(command));
  const Bytes dataset = DatasetOf(image);
  for (std::size_t at = 0; at < dataset.size(); at += piece) {
    const std::size_t end = std::min(at + piece, dataset.size());
    const Bytes part(dataset.begin() + static_cast<std::ptrdiff_t>(at),
                     dataset.begin() + static_cast<std::ptrdiff_t>(end));
    const Bytes pdu = DataPdu(context, end == dataset.size() ? 2 : 0, part);
    request.insert(request.end(), pdu.begin(), pdu.end());
  }
  return request;
}

Response ResponseOf(const Pdu& pdu) {
  Response response;
  if (pdu.type != 4) {
    return response;
  }
  ByteReader reader(pdu.body);
  reader.Skip(4);
  response.context = reader.U8();
  reader.Skip(1);
  while (reader.left() > 0) {
    reader.Skip(2);
    const unsigned element = reader.U16LittleEndian();
    ByteReader value(reader.Take(reader.U32LittleEndian()));
    if (element == 0x0100) {
      response.field = value.U16LittleEndian();
    } else if (element == 0x0120) {
      response.message_id = value.U16LittleEndian();
    } else if (element == 0x0900) {
      response.status = value.U16LittleEndian();
    } else if (element == 0x0901) {
      const auto tags = value.Take(value.left());
      response.offending.assign(tags.begin(), tags.end());
    } else if (element == 0x0902) {
      response.comment = Trimmed(value.TakeText(value.left()));
    } else if (element == 0x1000) {
      response.sop_instance = Trimmed(value.TakeText(value.left()));
    }
  }
  return response;
}

RawPeer::RawPeer(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{10, 0};
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect");
  }
}

RawPeer::~RawPeer() { Close(); }

bool RawPeer::Send(const Bytes& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto count = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

bool RawPeer::SendByteByByte(const Bytes& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [this](std::byte byte) { return Send({byte}); });
}

bool RawPeer::ReadAll(std::byte* to, std::size_t count) {
  while (count > 0) {
    const auto got = recv(socket_, to, count, 0);
    if (got <= 0) {
      return false;
    }
    to += got;
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<Pdu> RawPeer::Receive() {
  Bytes head(6);
  if (!ReadAll(head.data(), head.size())) {
    return std::nullopt;
  }
  ByteReader reader(head);
  Pdu pdu;
  pdu.type = reader.U8();
  reader.Skip(1);
  pdu.body.resize(reader.U32BigEndian());
  if (!ReadAll(pdu.body.data(), pdu.body.size())) {
    return std::nullopt;
  }
  return pdu;
}

std::optional<Pdu> RawPeer::Associate(const Proposal& proposal) {
  Send(AssociateRequestOf(proposal));
  return Receive();
}

Response RawPeer::Ask(const Bytes& request) {
  Send(request);
  const auto pdu = Receive();
  return pdu ? ResponseOf(*pdu) : Response{};
}

void RawPeer::Close() {
  if (socket_ >= 0) {
    close(socket_);
    socket_ = -1;
  }
}

void RawPeer::Reset() {
  const linger at_once{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  Close();
}

}  // namespace necknode::scp::tests
