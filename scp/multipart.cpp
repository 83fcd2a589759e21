#include "scp/multipart.h"

#include <algorithm>

namespace necknode::scp {
namespace {

std::string BoundaryFor(std::span<const std::byte> bytes) {
  for (unsigned number = 0;; ++number) {
    std::string boundary = "necknode-boundary-" + std::to_string(number);
    const auto text = std::as_bytes(std::span(boundary));
    if (std::search(bytes.begin(), bytes.end(), text.begin(), text.end()) == bytes.end()) {
      return boundary;
    }
  }
}

void Append(std::vector<std::byte>& body, const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  body.insert(body.end(), bytes.begin(), bytes.end());
}

}  // namespace

Multipart MultipartOf(std::span<const std::byte> part10) {
  const std::string boundary = BoundaryFor(part10);
  Multipart multipart;
  multipart.content_type = "multipart/related; type=\"application/dicom\"; boundary=" + boundary;
  const std::string head = "--" + boundary + "\r\nContent-Type: application/dicom\r\n\r\n";
  const std::string tail = "\r\n--" + boundary + "--\r\n";
  multipart.body.reserve(head.size() + part10.size() + tail.size());
  Append(multipart.body, head);
  multipart.body.insert(multipart.body.end(), part10.begin(), part10.end());
  Append(multipart.body, tail);
  return multipart;
}

}  // namespace necknode::scp
