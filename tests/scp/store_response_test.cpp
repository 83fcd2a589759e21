#include "scp/store_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scp/send_status.h"
#include "tests/scp/scripted_web.h"

namespace necknode::scp::tests {
namespace {

using Kind = SendResult::Kind;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOurs = "1.2.3.4";

HttpAnswer Json(int status, const std::string& body) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = kDicomJson;
  answer.body = body;
  return answer;
}

SendResult ResultOf(const HttpAnswer& answer) { return ResultOfAnswer(answer, Uid(kOurs)); }

struct Case {
  int http_status;
  std::string body;
  Kind kind;
  std::string status;
  int max_attempts = 0;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    const SendResult result = ResultOf(Json(one.http_status, one.body));
    EXPECT_EQ(result.kind, one.kind) << one.http_status << " " << one.body;
    EXPECT_EQ(result.status, one.status) << one.http_status << " " << one.body;
    EXPECT_EQ(result.max_attempts, one.max_attempts) << one.http_status << " " << one.body;
  }
}

TEST(ResultOfAnswer, DeliversWhatTheServerNamesAsStored) {
  Check({{200, Stored(kOurs), Kind::kDelivered, "0x0000"},
         {202, Stored(kOurs), Kind::kDelivered, "0x0000"},
         {200, "[" + Stored(kOurs) + "]", Kind::kDelivered, "0x0000"},
         {202, Stored(kOurs, "45056"), Kind::kDelivered, "0xB000"},
         {202, Stored(kOurs, "\"45062\""), Kind::kDelivered, "0xB006"},
         {202, Stored(kOurs, "1"), Kind::kDelivered, "0x0001"}});
}

TEST(ResultOfAnswer, JudgesAFailureReasonLikeAStatusOfCStore) {
  for (const int http_status : {200, 202, 409}) {
    Check({{http_status, NotStored(kOurs, "42752"), Kind::kRetry, "0xA700"},
           {http_status, NotStored(kOurs, "272"), Kind::kRetry, "0x0110", 5},
           {http_status, NotStored(kOurs, "\"272\""), Kind::kRetry, "0x0110", 5},
           {http_status, NotStored(kOurs, "49152"), Kind::kRetry, "0xC000", 5},
           {http_status, NotStored(kOurs, "290"), Kind::kPermanent, "0x0122"},
           {http_status, NotStored(kOurs, "292"), Kind::kPermanent, "0x0124"},
           {http_status, NotStored(kOurs, "43264"), Kind::kPermanent, "0xA900"},
           {http_status, NotStored(kOurs, "273"), Kind::kPermanent, "0x0111"}});
  }
}

TEST(ResultOfAnswer, ParksAFailureWithoutAUsableReason) {
  for (const char* reason : {"", "70000", "-1", "1.5", "\"0x0110\"", "\"\"", "null", "[272]"}) {
    Check({{409, NotStored(kOurs, reason), Kind::kPermanent, "HTTP 409"}});
  }
  // Neither success nor a warning can be the reason of a failure.
  Check({{202, NotStored(kOurs, "0"), Kind::kPermanent, "HTTP 202"},
         {409, NotStored(kOurs, "45056"), Kind::kPermanent, "HTTP 409"},
         {409, Stored(kOurs), Kind::kPermanent, "HTTP 409"},
         {409, "", Kind::kPermanent, "HTTP 409"}});
}

TEST(ResultOfAnswer, AFailureOutweighsTheSameInstanceAmongTheStored) {
  std::string both = Stored(kOurs);
  both.pop_back();
  both += "," + NotStored(kOurs, "272").substr(std::string(R"({"00081199":{"vr":"SQ"},)").size());
  Check({{200, both, Kind::kRetry, "0x0110", 5}});
}

TEST(ResultOfAnswer, AFailedItemWithoutAUidIsOurOneDocument) {
  Check({{409,
          R"({"00081198":{"vr":"SQ","Value":[{"00081197":{"vr":"US","Value":[49152]}}]}})",
          Kind::kRetry,
          "0xC000",
          5}});
}

TEST(ResultOfAnswer, SuccessThatDoesNotNameTheDocumentIsNone) {
  for (const std::string& body :
       {std::string(),
        std::string("{}"),
        std::string("[]"),
        std::string("null"),
        std::string("{\"00081199\""),
        std::string(R"({"00081199":7})"),
        std::string(R"({"00081199":{"vr":"SQ","Value":{}}})"),
        std::string(R"({"00081199":{"vr":"SQ","Value":[1,null,"x",[]]}})"),
        std::string(R"({"00081199":{"vr":"SQ","Value":[{}]}})"),
        Stored("1.2.3.5"),
        NotStored("1.2.3.5", "272"),
        std::string(200'000, '[')}) {
    Check({{200, body, Kind::kRetry, kNoStoreResponse, 5}});
  }
  Check({{201, Stored(kOurs), Kind::kRetry, kNoStoreResponse, 5},
         {204, "", Kind::kRetry, kNoStoreResponse, 5}});
}

TEST(ResultOfAnswer, TakesOnlyDicomJson) {
  HttpAnswer answer = Json(200, Stored(kOurs));
  answer.content_type = "application/json";
  EXPECT_EQ(ResultOf(answer).kind, Kind::kDelivered);
  for (const char* type : {"", "text/html", "application/dicom+xml"}) {
    answer.content_type = type;
    EXPECT_EQ(ResultOf(answer).status, kNoStoreResponse) << type;
  }
  answer.content_type = kDicomJson;
  answer.too_long = true;
  EXPECT_EQ(ResultOf(answer).status, kNoStoreResponse);
  EXPECT_THAT(ResultOf(answer).detail, HasSubstr("more than"));
}

TEST(ResultOfAnswer, TellsAHttpErrorForNowFromOneForEver) {
  for (const int status : {408, 429, 500, 501, 502, 503, 504, 599}) {
    HttpAnswer answer = Json(status, "");
    answer.retry_after = std::chrono::seconds(7);
    EXPECT_EQ(ResultOf(answer).kind, Kind::kRetry) << status;
    EXPECT_EQ(ResultOf(answer).max_attempts, 0) << status;
    EXPECT_EQ(ResultOf(answer).retry_after.count(), 7) << status;
    EXPECT_EQ(ResultOf(answer).status, "HTTP " + std::to_string(status));
  }
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 405, 410, 413, 415, 422}) {
    EXPECT_EQ(ResultOf(Json(status, "")).kind, Kind::kPermanent) << status;
    EXPECT_EQ(ResultOf(Json(status, "")).status, "HTTP " + std::to_string(status));
    EXPECT_NE(ResultOf(Json(status, "")).detail, "") << status;
  }
}

TEST(ResultOfAnswer, RepeatsNothingThatTheServerWrote) {
  for (const int status : {200, 400, 409, 500}) {
    const SendResult result = ResultOf(Json(status, R"({"error":"CANARY"})"));
    EXPECT_THAT(result.status + result.detail, Not(HasSubstr("CANARY"))) << status;
  }
}

TEST(IsUnavailable, WhereTheServerAsAWholeCannotAnswer) {
  for (const int status : {408, 429, 502, 503, 504}) {
    EXPECT_TRUE(IsUnavailable(Json(status, ""))) << status;
  }
  for (const int status : {200, 202, 400, 401, 409, 413, 500}) {
    EXPECT_FALSE(IsUnavailable(Json(status, ""))) << status;
  }
  HttpAnswer failed;
  failed.failure = "timeout";
  EXPECT_TRUE(IsUnavailable(failed));
  EXPECT_EQ(ResultOf(failed).status, "timeout");
}

}  // namespace
}  // namespace necknode::scp::tests
