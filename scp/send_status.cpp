#include "scp/send_status.h"

#include <array>
#include <charconv>
#include <utility>

namespace necknode::scp {
namespace {

constexpr int kFewAttempts = 3;
constexpr int kSomeAttempts = 5;

}  // namespace

std::string StatusText(std::uint16_t status) {
  constexpr std::array<char, 17> kDigits{"0123456789ABCDEF"};
  std::string text = "0x";
  for (unsigned shift : {12U, 8U, 4U, 0U}) {
    text.push_back(kDigits.at(unsigned{status} >> shift & 0xFU));
  }
  return text;
}

SendResult Failure(SendResult::Kind kind, std::string status, std::string detail) {
  SendResult result;
  result.kind = kind;
  result.status = std::move(status);
  result.detail = std::move(detail);
  return result;
}

SendResult ResultOfStatus(std::uint16_t status) {
  using Kind = SendResult::Kind;
  SendResult result;
  result.status = StatusText(status);
  if (status == 0x0000 || status == 0xB000 || status == 0xB006 || status == 0xB007) {
    result.kind = Kind::kDelivered;
  } else if (status >= 0xA700 && status <= 0xA76F) {
    result.kind = Kind::kRetry;
    result.detail = "the peer is out of resources";
  } else if (status >= 0xA770 && status <= 0xA77F) {
    result.kind = Kind::kRetry;
    result.max_attempts = kFewAttempts;
    result.detail = "the peer refuses";
  } else if (status == 0x0111) {
    result.kind = Kind::kPermanent;
    result.detail = "the peer says duplicate SOP instance; nothing proves that it holds our object";
  } else if (status == 0x0122 || status == 0x0124) {
    result.kind = Kind::kPermanent;
    result.detail = status == 0x0122 ? "SOP class not supported" : "not authorized";
  } else if (status >= 0xA900 && status <= 0xA9FF) {
    result.kind = Kind::kPermanent;
    result.detail = "the peer says that the dataset does not match its SOP class";
  } else {
    result.kind = Kind::kRetry;
    result.max_attempts = kSomeAttempts;
    result.detail = "the peer cannot process the document";
  }
  return result;
}

int AttemptsAllowed(const std::string& status_text) {
  if (status_text == kNoStoreResponse) {
    return kSomeAttempts;
  }
  if (status_text.size() != 6 || !status_text.starts_with("0x")) {
    return 0;
  }
  std::uint16_t status = 0;
  const char* end = status_text.data() + status_text.size();
  const auto [stop, error] = std::from_chars(status_text.data() + 2, end, status, 16);
  return error == std::errc() && stop == end ? ResultOfStatus(status).max_attempts : 0;
}

}  // namespace necknode::scp
