#include "scp/command_set.h"

#include <optional>

#include "core/error.h"
#include "scp/bytes.h"

namespace necknode::scp {
namespace {

constexpr std::size_t kLongestErrorComment = 64;

std::uint16_t ReadUs(ByteReader value, unsigned element) {
  if (value.left() != 2) {
    throw Error(ErrorCode::kParse,
                "command element " + std::to_string(element) + " has " +
                    std::to_string(value.left()) + " bytes instead of 2");
  }
  return value.U16LittleEndian();
}

void AppendElement(ByteWriter& writer, unsigned element, std::span<const std::byte> value) {
  writer.U16LittleEndian(0);
  writer.U16LittleEndian(element);
  writer.U32LittleEndian(value.size());
  writer.Bytes(value);
}

void AppendUs(ByteWriter& writer, unsigned element, std::uint16_t number) {
  ByteWriter value;
  value.U16LittleEndian(number);
  AppendElement(writer, element, std::move(value).Take());
}

void AppendText(ByteWriter& writer, unsigned element, std::string text, char padding) {
  if (text.empty()) {
    return;
  }
  if (text.size() % 2 != 0) {
    text.push_back(padding);
  }
  AppendElement(writer, element, std::as_bytes(std::span(text)));
}

std::vector<std::byte> WithGroupLength(const std::vector<std::byte>& elements) {
  ByteWriter command;
  ByteWriter length;
  length.U32LittleEndian(elements.size());
  AppendElement(command, 0x0000, std::move(length).Take());
  command.Bytes(elements);
  return std::move(command).Take();
}

}  // namespace

CommandRequest DecodeCommand(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  CommandRequest request;
  std::optional<std::uint16_t> command_field, message_id;
  while (reader.left() > 0) {
    if (const unsigned group = reader.U16LittleEndian(); group != 0) {
      throw Error(ErrorCode::kParse,
                  "an element of group " + std::to_string(group) + " in a command set");
    }
    const unsigned element = reader.U16LittleEndian();
    ByteReader value(reader.Take(reader.U32LittleEndian()));
    switch (element) {
      case 0x0002:
      case 0x0003:
        request.sop_class_uid = Uid(Trimmed(value.TakeText(value.left())));
        break;
      case 0x0100:
        command_field = ReadUs(value, element);
        break;
      case 0x0110:
      case 0x0120:  // a C-CANCEL-RQ and a response name the message that they belong to
        message_id = ReadUs(value, element);
        break;
      case 0x0800:
        request.dataset_type = ReadUs(value, element);
        break;
      case 0x0900:
        request.status = ReadUs(value, element);
        break;
      case 0x1002:
      case 0x1008:
        request.type_id = ReadUs(value, element);
        break;
      case 0x1000:
      case 0x1001:
        request.sop_instance_uid = Uid(Trimmed(value.TakeText(value.left())));
        break;
      case 0x1030:
        request.move_originator = Trimmed(value.TakeText(value.left()));
        break;
      default:
        break;
    }
  }
  if (!command_field || !message_id) {
    throw Error(ErrorCode::kParse, "a command set without command field or message id");
  }
  request.command_field = *command_field;
  request.message_id = *message_id;
  return request;
}

std::vector<std::byte> EncodeResponse(const CommandRequest& request,
                                      const CommandResponse& response) {
  ByteWriter body;
  AppendText(body, 0x0002, request.sop_class_uid.value(), '\0');
  AppendUs(body, 0x0100, static_cast<std::uint16_t>(request.command_field | kResponseBit));
  AppendUs(body, 0x0120, request.message_id);
  AppendUs(body, 0x0800, kNoDataset);
  AppendUs(body, 0x0900, response.status);
  if (!response.offending_elements.empty()) {
    ByteWriter tags;
    for (const std::uint32_t tag : response.offending_elements) {
      tags.U16LittleEndian(tag >> 16);
      tags.U16LittleEndian(tag & 0xFFFFU);
    }
    AppendElement(body, 0x0901, std::move(tags).Take());
  }
  AppendText(body, 0x0902, response.error_comment.substr(0, kLongestErrorComment), ' ');
  AppendText(body, 0x1000, request.sop_instance_uid.value(), '\0');

  return WithGroupLength(std::move(body).Take());
}

std::vector<std::byte> EncodeEventReport(const CommandRequest& request) {
  ByteWriter body;
  AppendText(body, 0x0002, request.sop_class_uid.value(), '\0');
  AppendUs(body, 0x0100, kCommandEventReport);
  AppendUs(body, 0x0110, request.message_id);
  AppendUs(body, 0x0800, request.dataset_type);
  AppendText(body, 0x1000, request.sop_instance_uid.value(), '\0');
  AppendUs(body, 0x1002, request.type_id);
  return WithGroupLength(std::move(body).Take());
}

}  // namespace necknode::scp
