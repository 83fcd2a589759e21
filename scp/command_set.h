#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/uid.h"

namespace necknode::scp {

/// Command Field (0000,0100), PS3.7 annex E.
inline constexpr std::uint16_t kCommandStore = 0x0001;
inline constexpr std::uint16_t kCommandEcho = 0x0030;
inline constexpr std::uint16_t kCommandEventReport = 0x0100;
inline constexpr std::uint16_t kCommandAction = 0x0130;
inline constexpr std::uint16_t kCommandCancel = 0x0FFF;
inline constexpr std::uint16_t kResponseBit = 0x8000;
/// Command Data Set Type (0000,0800) of a message without a dataset.
inline constexpr std::uint16_t kNoDataset = 0x0101;
inline constexpr std::uint16_t kWithDataset = 0x0000;

/// Status (0000,0900), PS3.7 annex C and PS3.4 Table B.2-1.
inline constexpr std::uint16_t kStatusSuccess = 0x0000;
inline constexpr std::uint16_t kStatusProcessingFailure = 0x0110;
inline constexpr std::uint16_t kStatusNoSuchSopInstance = 0x0112;
inline constexpr std::uint16_t kStatusNoSuchEventType = 0x0113;
inline constexpr std::uint16_t kStatusInvalidArgument = 0x0115;
inline constexpr std::uint16_t kStatusNoSuchActionType = 0x0123;
inline constexpr std::uint16_t kStatusNotAuthorized = 0x0124;
inline constexpr std::uint16_t kStatusResourceLimitation = 0x0213;
inline constexpr std::uint16_t kStatusSopClassNotSupported = 0x0122;
inline constexpr std::uint16_t kStatusUnrecognizedOperation = 0x0211;
inline constexpr std::uint16_t kStatusOutOfResources = 0xA700;
inline constexpr std::uint16_t kStatusDatasetDoesNotMatch = 0xA900;
inline constexpr std::uint16_t kStatusCannotUnderstand = 0xC000;

/// Longest command set that is read; a C-STORE-RQ has about 300 bytes.
inline constexpr std::size_t kMaxCommandBytes = 16 * 1024;

/// What of a received command set matters to us.
struct CommandRequest {
  std::uint16_t command_field = 0;
  std::uint16_t message_id = 0;
  std::uint16_t dataset_type = kNoDataset;
  Uid sop_class_uid;            ///< affected, or requested
  Uid sop_instance_uid;         ///< affected, or requested
  std::uint16_t type_id = 0;    ///< Event Type ID or Action Type ID
  std::uint16_t status = 0;     ///< of a response
  std::string move_originator;  ///< AE title whose C-MOVE a C-STORE answers (0000,1030), or empty
  [[nodiscard]] bool HasDataset() const { return dataset_type != kNoDataset; }
};

/// Reads a command set (group 0000, implicit little endian, PS3.7 6.3.1). Throws Error(kParse)
/// where an element leads outside, belongs to another group, has a wrong length, or Command Field
/// or Message ID is missing.
[[nodiscard]] CommandRequest DecodeCommand(std::span<const std::byte> bytes);

struct CommandResponse {
  std::uint16_t status = kStatusSuccess;
  std::string error_comment;                      ///< (0000,0902), ASCII, cut at 64 characters
  std::vector<std::uint32_t> offending_elements;  ///< (0000,0901), group << 16 | element
};

/// The response to `request`, without a dataset, naming its SOP class and instance.
[[nodiscard]] std::vector<std::byte> EncodeResponse(const CommandRequest& request,
                                                    const CommandResponse& response);

/// An N-EVENT-REPORT-RQ with a dataset: message id, SOP class and instance, type and dataset type
/// of `request` count.
[[nodiscard]] std::vector<std::byte> EncodeEventReport(const CommandRequest& request);

}  // namespace necknode::scp
