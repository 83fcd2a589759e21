#include "admin/router.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/problem.h"
#include "core/error.h"

namespace necknode::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

Request Get(const std::string& path, Role role = Role::kViewer) {
  Request request;
  request.method = "GET";
  request.path = path;
  request.role = role;
  return request;
}

Handler Throws(ErrorCode code) {
  return [code](const Request&) -> Response { throw Error(code, "so it is"); };
}

TEST(Router, GivesTheHandlerThePartsInBraces) {
  Router router;
  router.Add("GET", "/api/v1/jobs/{id}/slices/{name}", Role::kViewer, [](const Request& request) {
    return Json({{"id", request.parameters.at("id")}, {"name", request.parameters.at("name")}});
  });
  router.Add("GET", "/{rest...}", Role::kViewer, [](const Request& request) {
    return Json({{"rest", request.parameters.at("rest")}});
  });
  EXPECT_EQ(router.Handle(Get("/api/v1/jobs/7/slices/3.jpg")).body, R"({"id":"7","name":"3.jpg"})");
  EXPECT_EQ(router.Handle(Get("/a/b/c")).body, R"({"rest":"a/b/c"})");
  EXPECT_EQ(router.Handle(Get("/")).body, R"({"rest":""})");
  EXPECT_EQ(router.Handle(Get("/api/v1/jobs//slices/3")).body,
            R"({"rest":"api/v1/jobs//slices/3"})");
}

TEST(Router, SaysWhatAnAddressTakes) {
  Router router;
  const Handler ok = [](const Request&) { return Json({}); };
  router.Add("PUT", "/peers/{name}", Role::kViewer, ok);
  router.Add("DELETE", "/peers/{name}", Role::kViewer, ok);
  const Response response = router.Handle(Get("/peers/pacs"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.content_type, "application/problem+json");
  ASSERT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.headers[0].second, "DELETE, PUT");
  EXPECT_EQ(router.Handle(Get("/peer")).status, 404);
}

TEST(Router, AnswersHeadAsGet) {
  Router router;
  router.Add("GET", "/a", Role::kViewer, [](const Request&) { return Json({{"a", 1}}); });
  Request head = Get("/a");
  head.method = "HEAD";
  EXPECT_EQ(router.Handle(head).status, 200);
}

TEST(Router, RefusesALesserRole) {
  Router router;
  router.Add("GET", "/users", Role::kAdministrator, [](const Request&) { return Json({}); });
  EXPECT_EQ(router.Handle(Get("/users", Role::kOperator)).status, 403);
  EXPECT_EQ(router.Handle(Get("/users", Role::kAdministrator)).status, 200);
}

TEST(Router, AnswersErrorsByTheirCode) {
  Router router;
  router.Add("GET", "/missing", Role::kViewer, Throws(ErrorCode::kNotFound));
  router.Add("GET", "/full", Role::kViewer, Throws(ErrorCode::kNoSpace));
  const Response missing = router.Handle(Get("/missing"));
  EXPECT_EQ(missing.status, 404);
  const auto body = nlohmann::json::parse(missing.body);
  EXPECT_EQ(body.at("detail"), "so it is");
  EXPECT_EQ(body.at("title"), "Not Found");
  EXPECT_EQ(body.at("status"), 404);
  EXPECT_EQ(router.Handle(Get("/full")).status, 503);
}

TEST(Router, KeepsTheWordsOfAnUnexpectedFailureToItself) {
  Router router;
  router.Add("GET", "/", Role::kViewer, [](const Request&) -> Response {
    throw std::runtime_error("a secret");
  });
  const Response response = router.Handle(Get("/"));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
}

TEST(Problem, ReadsABodyThatIsAnObjectOnly) {
  Request request;
  request.body = R"({"package": "phantom/2"})";
  EXPECT_EQ(BodyOf(request).at("package"), "phantom/2");
  for (const char* body : {"",
                           "[]",
                           "3",
                           "{\"a\":",
                           "{} {}",
                           R"({"a": 1, "a": 2})",
                           R"([{"a": 1}])",
                           R"({"b": {"a": 1, "a": 1}})"}) {
    request.body = body;
    EXPECT_THROW((void)BodyOf(request), Error) << body;
  }
  request.body = R"({"a": 1, "b": [{"a": 1}, {"a": 2}]})";
  EXPECT_EQ(BodyOf(request).at("b").size(), 2);
}

}  // namespace
}  // namespace necknode::admin
