#include "scp/store_response.h"

#include <charconv>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "scp/send_status.h"

namespace necknode::scp {
namespace {

using Json = nlohmann::json;
using Kind = SendResult::Kind;

constexpr const char* kReferencedSopInstanceUid = "00081155";
constexpr const char* kWarningReason = "00081196";
constexpr const char* kFailureReason = "00081197";
constexpr const char* kFailedSopSequence = "00081198";
constexpr const char* kReferencedSopSequence = "00081199";

constexpr int kOk = 200, kAccepted = 202, kConflict = 409;
constexpr int kRequestTimeout = 408, kTooManyRequests = 429;
constexpr int kBadGateway = 502, kServiceUnavailable = 503, kGatewayTimeout = 504;

// What a response says of one instance.
struct Verdict {
  bool stored = false;
  std::optional<std::uint16_t> reason;
};

// The values of an attribute (PS3.18 F.2.2), or null.
const Json* ValuesOf(const Json& dataset, const char* attribute) {
  const auto found = dataset.find(attribute);
  if (found == dataset.end() || !found->is_object()) {
    return nullptr;
  }
  const auto values = found->find("Value");
  return values != found->end() && values->is_array() ? &*values : nullptr;
}

const Json* FirstValue(const Json& dataset, const char* attribute) {
  const Json* values = ValuesOf(dataset, attribute);
  return values == nullptr || values->empty() ? nullptr : &values->front();
}

std::string TextOf(const Json& dataset, const char* attribute) {
  const Json* value = FirstValue(dataset, attribute);
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

// A US, which some servers write as a string.
std::optional<std::uint16_t> NumberOf(const Json& dataset, const char* attribute) {
  const Json* value = FirstValue(dataset, attribute);
  if (value == nullptr) {
    return std::nullopt;
  }
  std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
  if (value->is_number_unsigned()) {
    number = value->get<std::uint64_t>();
  } else if (value->is_string()) {
    const std::string text = value->get<std::string>();
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) {
      return std::nullopt;
    }
  }
  if (number > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(number);
}

// The item of a sequence that names the instance; one without any UID too where `or_nameless`: a
// server that could not read our one document cannot name it.
const Json* ItemOf(const Json& dataset,
                   const char* sequence,
                   const Uid& sop_instance_uid,
                   bool or_nameless) {
  const Json* items = ValuesOf(dataset, sequence);
  if (items == nullptr) {
    return nullptr;
  }
  for (const Json& item : *items) {
    const Uid named(TextOf(item, kReferencedSopInstanceUid));
    if (named == sop_instance_uid || (or_nameless && named.empty())) {
      return &item;
    }
  }
  return nullptr;
}

std::optional<Verdict> ReadVerdict(const HttpAnswer& answer, const Uid& sop_instance_uid) {
  if (answer.too_long || !IsDicomJson(answer)) {
    return std::nullopt;
  }
  const Json parsed = Json::parse(answer.body, nullptr, false);
  // A list of one dataset, as in the answer to a search, comes too.
  const Json& dataset = parsed.is_array() && parsed.size() == 1 ? parsed.front() : parsed;
  if (!dataset.is_object()) {
    return std::nullopt;
  }
  if (const Json* failed = ItemOf(dataset, kFailedSopSequence, sop_instance_uid, true)) {
    return Verdict{false, NumberOf(*failed, kFailureReason)};
  }
  if (const Json* stored = ItemOf(dataset, kReferencedSopSequence, sop_instance_uid, false)) {
    return Verdict{true, NumberOf(*stored, kWarningReason)};
  }
  return std::nullopt;
}

std::string HttpText(int status) { return "HTTP " + std::to_string(status); }

SendResult ResultOf(Kind kind, std::string status, std::string detail) {
  SendResult result;
  result.kind = kind;
  result.status = std::move(status);
  result.detail = std::move(detail);
  return result;
}

SendResult ResultOfVerdict(const Verdict& verdict, int http_status) {
  if (verdict.stored && http_status != kConflict) {
    return ResultOf(Kind::kDelivered,
                    StatusText(verdict.reason.value_or(0)),
                    verdict.reason ? "stored with a warning" : "");
  }
  if (!verdict.stored && verdict.reason) {
    SendResult result = ResultOfStatus(*verdict.reason);
    // A warning among the failures is still a failure.
    if (result.kind != Kind::kDelivered) {
      result.detail = HttpText(http_status) + ": " + result.detail;
      return result;
    }
  }
  return ResultOf(Kind::kPermanent,
                  HttpText(http_status),
                  "the peer has not stored the document and gives no usable reason");
}

std::string MeaningOf(int status) {
  switch (status) {
    case 400:
      return "the peer cannot read the request";
    case 401:
      return "the peer wants other credentials";
    case 403:
      return "the peer does not permit it";
    case 404:
      return "the peer has no such resource: is the URL right?";
    case 405:
      return "the peer takes nothing by STOW-RS";
    case kConflict:
      return "the peer has not stored the document and gives no usable reason";
    case 413:
      return "the document is too large for the peer";
    case 415:
      return "the peer does not take DICOM files";
    default:
      return status >= 300 && status < 400 ? "redirects are not followed" : "the peer refuses";
  }
}

}  // namespace

bool IsDicomJson(const HttpAnswer& answer) {
  return answer.content_type == kDicomJson || answer.content_type == "application/json";
}

SendResult ResultOfAnswer(const HttpAnswer& answer, const Uid& sop_instance_uid) {
  if (!answer.failure.empty()) {
    return ResultOf(Kind::kRetry, answer.failure, answer.detail);
  }
  const int status = answer.status;
  if (status == kOk || status == kAccepted || status == kConflict) {
    if (const auto verdict = ReadVerdict(answer, sop_instance_uid)) {
      return ResultOfVerdict(*verdict, status);
    }
  }
  SendResult result;
  if (status >= 200 && status < 300) {
    result = ResultOf(
        Kind::kRetry,
        kNoStoreResponse,
        HttpText(status) + (answer.too_long ? " with more than a store response can be"
                                            : ", and no store response names the document"));
    result.max_attempts = AttemptsAllowed(result.status);
  } else if (status >= 500 || status == kRequestTimeout || status == kTooManyRequests) {
    result = ResultOf(Kind::kRetry, HttpText(status), "the peer cannot take the document now");
    result.retry_after = answer.retry_after;
  } else {
    result = ResultOf(Kind::kPermanent, HttpText(status), MeaningOf(status));
  }
  return result;
}

bool IsUnavailable(const HttpAnswer& answer) {
  switch (answer.status) {
    case kRequestTimeout:
    case kTooManyRequests:
    case kBadGateway:
    case kServiceUnavailable:
    case kGatewayTimeout:
      return true;
    default:
      return !answer.failure.empty();
  }
}

}  // namespace necknode::scp
