#include "scp/multipart.h"

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace necknode::scp::tests {
namespace {

Multipart MultipartOfText(std::string_view text) {
  return MultipartOf(std::as_bytes(std::span(text)));
}

std::string BodyOf(const Multipart& multipart) {
  std::string text;
  for (const std::byte byte : multipart.body) {
    text.push_back(static_cast<char>(byte));
  }
  return text;
}

TEST(MultipartOf, WrapsOneFile) {
  const Multipart multipart = MultipartOfText("DICM");
  EXPECT_EQ(multipart.content_type,
            "multipart/related; type=\"application/dicom\"; boundary=necknode-boundary-0");
  EXPECT_EQ(BodyOf(multipart),
            "--necknode-boundary-0\r\nContent-Type: application/dicom\r\n\r\nDICM"
            "\r\n--necknode-boundary-0--\r\n");
}

TEST(MultipartOf, TakesABoundaryThatTheFileDoesNotHold) {
  const Multipart multipart =
      MultipartOfText("necknode-boundary-0\r\n--necknode-boundary-1--\r\nnecknode-boundary-");
  EXPECT_THAT(multipart.content_type, testing::EndsWith("boundary=necknode-boundary-2"));
}

}  // namespace
}  // namespace necknode::scp::tests
