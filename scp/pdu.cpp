#include "scp/pdu.h"

#include <algorithm>
#include <bitset>

#include "core/error.h"
#include "scp/bytes.h"
#include "scp/implementation.h"

namespace necknode::scp {
namespace {

constexpr std::string_view kImplicitLittleEndian = "1.2.840.10008.1.2";

// Item types, PS3.8 section 9.3.2 and PS3.7 annex D.3.3.
constexpr unsigned kApplicationContextItem = 0x10;
constexpr unsigned kProposedContextItem = 0x20;
constexpr unsigned kAnsweredContextItem = 0x21;
constexpr unsigned kAbstractSyntaxItem = 0x30;
constexpr unsigned kTransferSyntaxItem = 0x40;
constexpr unsigned kUserInformationItem = 0x50;
constexpr unsigned kMaximumLengthItem = 0x51;
constexpr unsigned kImplementationClassItem = 0x52;
constexpr unsigned kRoleSelectionItem = 0x54;
constexpr unsigned kImplementationVersionItem = 0x55;

constexpr std::size_t kPdvHeaderBytes = 6;
// A peer that claims to receive less than this is answered in pieces of this size.
constexpr std::uint32_t kSmallestPdu = 64;

struct Item {
  unsigned type;
  ByteReader body;
};

Item NextItem(ByteReader& reader) {
  const unsigned type = reader.U8();
  reader.Skip(1);
  const std::size_t length = reader.U16BigEndian();
  return {type, ByteReader(reader.Take(length))};
}

Uid RestAsUid(ByteReader& reader) { return Uid(Trimmed(reader.TakeText(reader.left()))); }

ProposedContext DecodeContext(ByteReader body) {
  ProposedContext context;
  context.id = body.U8();
  body.Skip(3);
  while (body.left() > 0) {
    Item item = NextItem(body);
    if (item.type == kAbstractSyntaxItem) {
      context.abstract_syntax = RestAsUid(item.body);
    } else if (item.type == kTransferSyntaxItem &&
               context.transfer_syntaxes.size() < kMaxTransferSyntaxesPerContext) {
      context.transfer_syntaxes.push_back(RestAsUid(item.body));
    }
  }
  return context;
}

void DecodeUserInformation(ByteReader body, AssociateRequest& request) {
  while (body.left() > 0) {
    Item item = NextItem(body);
    if (item.type == kMaximumLengthItem) {
      request.max_pdu = item.body.U32BigEndian();
    } else if (item.type == kImplementationClassItem) {
      request.implementation_class_uid = RestAsUid(item.body);
    } else if (item.type == kImplementationVersionItem) {
      request.implementation_version = Trimmed(item.body.TakeText(item.body.left()));
    } else if (item.type == kRoleSelectionItem && request.roles.size() < kMaxRoleSelections) {
      RoleSelection role;
      const std::size_t length = item.body.U16BigEndian();
      role.sop_class_uid = Uid(Trimmed(item.body.TakeText(length)));
      role.scu = item.body.U8() == 1;
      role.scp = item.body.U8() == 1;
      request.roles.push_back(std::move(role));
    }
  }
}

void AppendTextItem(ByteWriter& writer, unsigned type, std::string_view text) {
  writer.U8(type);
  writer.U8(0);
  writer.U16BigEndian(text.size());
  writer.Text(text);
}

// Writes an item's header and returns where its length must be patched in by EndItem.
std::size_t BeginItem(ByteWriter& writer, unsigned type) {
  writer.U8(type);
  writer.U8(0);
  writer.U16BigEndian(0);
  return writer.size() - 2;
}

void EndItem(ByteWriter& writer, std::size_t length_offset) {
  writer.PatchU16BigEndian(length_offset, writer.size() - length_offset - 2);
}

void AppendHeader(ByteWriter& writer, PduType type, std::size_t length) {
  writer.U8(static_cast<unsigned>(type));
  writer.U8(0);
  writer.U32BigEndian(length);
}

std::vector<std::byte> EncodeFourBytes(PduType type,
                                       unsigned second,
                                       unsigned third,
                                       unsigned fourth) {
  ByteWriter writer;
  AppendHeader(writer, type, 4);
  writer.U8(0);
  writer.U8(second);
  writer.U8(third);
  writer.U8(fourth);
  return std::move(writer).Take();
}

void AppendUserInformation(ByteWriter& writer, const AssociateAccept& accept) {
  const std::size_t user = BeginItem(writer, kUserInformationItem);
  const std::size_t length = BeginItem(writer, kMaximumLengthItem);
  writer.U32BigEndian(accept.max_pdu);
  EndItem(writer, length);
  AppendTextItem(writer, kImplementationClassItem, kImplementationClassUid);
  for (const auto& role : accept.roles) {
    const std::size_t item = BeginItem(writer, kRoleSelectionItem);
    writer.U16BigEndian(role.sop_class_uid.value().size());
    writer.Text(role.sop_class_uid.value());
    writer.U8(role.scu ? 1 : 0);
    writer.U8(role.scp ? 1 : 0);
    EndItem(writer, item);
  }
  AppendTextItem(writer, kImplementationVersionItem, kImplementationVersionName);
  EndItem(writer, user);
}

}  // namespace

PduHeader DecodePduHeader(std::span<const std::byte, kPduHeaderBytes> bytes) {
  ByteReader reader(bytes);
  PduHeader header;
  header.type = reader.U8();
  reader.Skip(1);
  header.length = reader.U32BigEndian();
  return header;
}

AssociateRequest DecodeAssociateRequest(std::span<const std::byte> body) {
  ByteReader reader(body);
  AssociateRequest request;
  request.protocol_version = reader.U16BigEndian();
  reader.Skip(2);
  const auto ae_fields = reader.Take(request.ae_fields.size());
  std::copy(ae_fields.begin(), ae_fields.end(), request.ae_fields.begin());
  ByteReader titles(ae_fields);
  request.called_ae = Trimmed(titles.TakeText(16));
  request.calling_ae = Trimmed(titles.TakeText(16));
  std::bitset<256> seen;
  while (reader.left() > 0) {
    Item item = NextItem(reader);
    if (item.type == kApplicationContextItem) {
      request.application_context = RestAsUid(item.body);
    } else if (item.type == kProposedContextItem) {
      ProposedContext context = DecodeContext(item.body);
      if (context.id % 2 == 0 || seen[context.id]) {
        throw Error(
            ErrorCode::kParse,
            "presentation context id " + std::to_string(context.id) + " is even or repeated");
      }
      seen.set(context.id);
      request.contexts.push_back(std::move(context));
    } else if (item.type == kUserInformationItem) {
      DecodeUserInformation(item.body, request);
    }
  }
  if (request.contexts.empty()) {
    throw Error(ErrorCode::kParse, "an association without presentation contexts is proposed");
  }
  return request;
}

std::vector<std::byte> EncodeAssociateAccept(const AssociateAccept& accept) {
  ByteWriter body;
  body.U16BigEndian(1);
  body.U16BigEndian(0);
  body.Bytes(accept.ae_fields);
  AppendTextItem(body, kApplicationContextItem, kApplicationContext);
  for (const auto& context : accept.contexts) {
    const std::size_t item = BeginItem(body, kAnsweredContextItem);
    body.U8(context.id);
    body.U8(0);
    body.U8(static_cast<unsigned>(context.result));
    body.U8(0);
    const bool accepted = context.result == ContextResult::kAccepted;
    AppendTextItem(
        body,
        kTransferSyntaxItem,
        accepted ? std::string_view(context.transfer_syntax.value()) : kImplicitLittleEndian);
    EndItem(body, item);
  }
  AppendUserInformation(body, accept);
  ByteWriter pdu;
  const auto bytes = std::move(body).Take();
  AppendHeader(pdu, PduType::kAssociateAccept, bytes.size());
  pdu.Bytes(bytes);
  return std::move(pdu).Take();
}

std::vector<std::byte> EncodeAssociateReject(const Rejection& rejection) {
  return EncodeFourBytes(
      PduType::kAssociateReject, rejection.result, rejection.source, rejection.reason);
}

std::vector<std::byte> EncodeAbort(AbortReason reason) {
  return EncodeFourBytes(PduType::kAbort, 0, reason.source, reason.reason);
}

std::vector<std::byte> EncodeReleaseResponse() {
  return EncodeFourBytes(PduType::kReleaseResponse, 0, 0, 0);
}

std::vector<Pdv> DecodeData(std::span<const std::byte> body) {
  ByteReader reader(body);
  std::vector<Pdv> values;
  do {
    ByteReader value(reader.Take(reader.U32BigEndian()));
    Pdv pdv;
    pdv.context_id = value.U8();
    const unsigned control = value.U8();
    pdv.command = (control & 1U) != 0;
    pdv.last = (control & 2U) != 0;
    pdv.bytes = value.Take(value.left());
    values.push_back(pdv);
  } while (reader.left() > 0);
  return values;
}

std::vector<std::byte> EncodeData(std::uint8_t context_id,
                                  MessagePart part,
                                  std::span<const std::byte> bytes,
                                  std::uint32_t max_pdu) {
  constexpr unsigned kLast = 2;
  const unsigned control = part == MessagePart::kCommand ? 1 : 0;
  const std::size_t room =
      max_pdu == 0 ? bytes.size() : std::max(max_pdu, kSmallestPdu) - kPdvHeaderBytes;
  ByteWriter writer;
  while (!bytes.empty()) {
    const std::size_t piece = std::min(room, bytes.size());
    AppendHeader(writer, PduType::kData, piece + kPdvHeaderBytes);
    writer.U32BigEndian(piece + 2);
    writer.U8(context_id);
    writer.U8(piece == bytes.size() ? control | kLast : control);
    writer.Bytes(bytes.first(piece));
    bytes = bytes.subspan(piece);
  }
  return std::move(writer).Take();
}

}  // namespace necknode::scp
