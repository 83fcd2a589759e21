#include "scp/stow.h"

#include <optional>

#include "core/error.h"
#include "scp/command_set.h"
#include "scp/http_client.h"
#include "scp/multipart.h"
#include "scp/send_status.h"
#include "scp/store_response.h"

namespace necknode::scp {
namespace {

constexpr const char* kEchoPath = "/studies?limit=1";

// Sets `unavailable` where nothing more should be sent now.
SendResult StoreOne(HttpClient& client, const Outgoing& document, bool& unavailable) {
  SendResult result;
  for (const auto& alternative : document.alternatives) {
    const Multipart multipart = MultipartOf(alternative.part10);
    const HttpAnswer answer =
        client.Post("/studies", kDicomJson, multipart.content_type, multipart.body);
    result = ResultOfAnswer(answer, alternative.sop_instance_uid);
    result.sent_sop_instance_uid = alternative.sop_instance_uid;
    unavailable = IsUnavailable(answer);
    if (result.status != StatusText(kStatusSopClassNotSupported)) {
      break;
    }
  }
  return result;
}

}  // namespace

std::vector<SendResult> StoreByWeb(const WebService& service,
                                   const std::vector<Outgoing>& documents,
                                   std::chrono::seconds timeout) {
  std::optional<HttpClient> client;
  try {
    client.emplace(service, timeout);
  } catch (const Error& error) {
    return {documents.size(), Failure(SendResult::Kind::kRetry, "no credentials", error.what())};
  }
  std::vector<SendResult> results;
  bool unavailable = false;
  for (const auto& document : documents) {
    if (unavailable) {
      SendResult result = Failure(SendResult::Kind::kRetry,
                                  "not sent",
                                  "the peer was not available for an earlier document");
      result.retry_after = results.back().retry_after;
      results.push_back(std::move(result));
    } else {
      results.push_back(StoreOne(*client, document, unavailable));
    }
  }
  return results;
}

std::string EchoUrl(const WebService& service) { return UrlOf(service, kEchoPath); }

std::string EchoByWeb(const WebService& service, std::chrono::seconds timeout) {
  try {
    const HttpAnswer answer = HttpClient(service, timeout).Get(kEchoPath, kDicomJson);
    if (!answer.failure.empty()) {
      return answer.failure + ": " + answer.detail;
    }
    if (answer.status == 204 || (answer.status == 200 && IsDicomJson(answer))) {
      return "";
    }
    return answer.status == 200 ? "HTTP 200, but not with DICOM JSON: is the URL right?"
                                : "HTTP " + std::to_string(answer.status);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace necknode::scp
