#include "admin/api_document.h"

#include <algorithm>
#include <functional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/page.h"
#include "admin/problem.h"
#include "admin/web_files.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::Not;

json Document() {
  const auto file = std::ranges::find(WebFiles(), std::string_view("openapi.json"), &WebFile::path);
  return json::parse(file->content);
}

void Visit(const json& value, const std::function<void(const json&)>& visit) {
  visit(value);
  if (value.is_structured()) {
    for (const json& one : value) {
      Visit(one, visit);
    }
  }
}

TEST(ApiDocument, FindsRoutesThatItDoesNotKnowAndThoseThatAreNotThere) {
  Router router;
  AddPage(router);
  router.Add("GET", "/api/v1/secret/{id}", Role::kViewer, [](const Request&) { return Json({}); });
  const auto differences = DocumentDifferences(router);
  EXPECT_THAT(differences, Contains("undocumented: GET /api/v1/secret/{id}"));
  EXPECT_THAT(differences, Contains("missing: GET /api/v1/users"));
  EXPECT_THAT(differences, Not(Contains("missing: GET /assets/{path}")));
}

TEST(ApiDocument, RefersOnlyToWhatItHas) {
  const json document = Document();
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  int references = 0;
  Visit(document, [&](const json& value) {
    if (value.is_object() && value.contains("$ref")) {
      ++references;
      const auto target = value.at("$ref").get<std::string>().substr(1);
      EXPECT_TRUE(document.contains(json::json_pointer(target))) << target;
    }
  });
  EXPECT_GT(references, 50);
}

TEST(ApiDocument, DescribesEachOperationOnce) {
  std::set<std::string> ids;
  const json document = Document();
  for (const auto& [path, item] : document.at("paths").items()) {
    for (const auto& [method, operation] : item.items()) {
      const std::string name = method + " " + path;
      EXPECT_TRUE(ids.insert(operation.at("operationId").get<std::string>()).second) << name;
      EXPECT_FALSE(operation.at("summary").get<std::string>().empty()) << name;
      EXPECT_TRUE(operation.at("responses").contains("default")) << name;
      std::set<std::string> parameters;
      for (const json& parameter : operation.value("parameters", json::array())) {
        if (parameter.contains("in") && parameter.at("in") == "path") {
          EXPECT_EQ(parameter.at("required"), true) << name;
          parameters.insert("{" + parameter.at("name").get<std::string>() + "}");
        }
      }
      EXPECT_EQ(parameters.size(), static_cast<std::size_t>(std::ranges::count(path, '{'))) << name;
      for (const std::string& parameter : parameters) {
        EXPECT_NE(path.find(parameter), std::string::npos) << name;
      }
    }
  }
}

}  // namespace
}  // namespace necknode::admin
