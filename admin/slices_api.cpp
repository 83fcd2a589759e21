#include "admin/slices_api.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/problem.h"
#include "core/error.h"
#include "storage/bundle.h"

namespace necknode::admin {
namespace {

using nlohmann::json;
using storage::ObjectKind;

// The page of a report: its pictures and styles stand in it, and nothing in it may run.
constexpr const char* kReportPolicy =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
// A finished job is never computed again, so what it has under an address stays.
constexpr const char* kForEver = "private, max-age=31536000, immutable";

// Thrown where retention was there before.
struct Gone {};

std::int64_t NumberIn(std::string_view text, const std::string& what) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    throw Error(ErrorCode::kNotFound, "there is no such " + what);
  return number;
}

std::string Text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A row whose file is not there: retention removes the file and keeps the row.
template <typename Work>
auto Present(Work work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound)
      throw Gone();
    throw;
  }
}

/// The results of one job.
class Results {
 public:
  Results(storage::Store& store, const Request& request)
      : store_(store), job_(NumberIn(request.parameters.at("id"), "job")) {
    const auto job = store_.jobs().Find(job_);
    if (!job)
      throw Error(ErrorCode::kNotFound, "there is no job " + std::to_string(job_));
    state_ = storage::ToString(job->state);
    results_ = store_.jobs().ResultsOf(job_);
  }

  [[nodiscard]] std::string Read(std::string_view kind, const std::string& what) const {
    const std::string& key = KeyOf(kind, what);
    return Present([&] { return Text(store_.objects().Read(ObjectKind::kResult, key)); });
  }
  /// Calls `use` with the bundle of slice pictures.
  template <typename Use>
  auto WithSlices(Use use) const {
    const std::string key = KeyOf("VIEW", "slice pictures");
    const storage::Bundle bundle =
        Present([&] { return storage::Bundle(store_.objects(), ObjectKind::kResult, key); });
    return use(bundle);
  }

 private:
  const std::string& KeyOf(std::string_view kind, const std::string& what) const {
    for (const storage::NewResult& result : results_) {
      if (result.kind == kind)
        return result.object_key;
    }
    throw Error(ErrorCode::kNotFound,
                "job " + std::to_string(job_) + " (" + state_ + ") has no " + what);
  }

  storage::Store& store_;
  const std::int64_t job_;
  std::string state_;
  std::vector<storage::NewResult> results_;
};

json NodeOf(const json& node) {
  json boxes = json::array();
  for (const json& box : node.at("boxes"))
    boxes.push_back({{"slice", box.at("slice")},
                     {"box", box.at("box")},
                     {"interpolated", box.value("interpolated", false)}});
  const json& axis = node.at("short_axis");
  return {{"identifier", node.at("identifier")},
          {"level", node.at("level")},
          {"side", node.at("side")},
          {"probability", node.at("probability")},
          {"malignancy", node.at("malignancy")},
          {"short_axis_mm", axis.is_object() ? axis.at("length_mm") : json(nullptr)},
          {"key_slice", node.at("key_slice")},
          {"boxes", boxes}};
}

// Towards where in the patient a direction (LPS) goes most: L, R, A, P, H or F, as Patient
// Orientation (0020,0020) has it.
char Towards(const std::array<double, 3>& direction) {
  constexpr std::array kPositive = {'L', 'P', 'H'}, kNegative = {'R', 'A', 'F'};
  std::size_t axis = 0;
  for (std::size_t i = 1; i < direction.size(); ++i) {
    axis = std::abs(direction.at(i)) > std::abs(direction.at(axis)) ? i : axis;
  }
  return direction.at(axis) < 0 ? kNegative.at(axis) : kPositive.at(axis);
}

// What lies at the edges of the slices, or null.
json EdgesOf(const json& result) {
  const json series = result.value("series", json());
  if (!series.is_object() || !series.contains("row_direction")) {
    return nullptr;
  }
  const auto right = series.at("row_direction").get<std::array<double, 3>>();
  const auto bottom = series.at("column_direction").get<std::array<double, 3>>();
  const auto text = [](std::array<double, 3> direction, double sign) {
    for (double& one : direction) {
      one *= sign;
    }
    return std::string(1, Towards(direction));
  };
  return {{"left", text(right, -1)},
          {"right", text(right, 1)},
          {"top", text(bottom, -1)},
          {"bottom", text(bottom, 1)}};
}

// What the bundle's index says, with the nodes of result.json.
json SlicesOf(const std::string& index_text, const std::string& result_text) {
  const json index = json::parse(index_text);
  json answer = {
      {"count", index.at("slices").size()}, {"slices", json::array()}, {"nodes", json::array()}};
  for (const char* key : {"rows",
                          "columns",
                          "picture_rows",
                          "picture_columns",
                          "pixel_spacing_mm",
                          "slice_spacing_mm",
                          "window",
                          "warning"})
    answer[key] = index.at(key);
  for (const json& slice : index.at("slices")) {
    json numbered = slice;
    numbered["index"] = answer["slices"].size();
    answer["slices"].push_back(std::move(numbered));
  }
  const json result = json::parse(result_text);
  answer["edges"] = EdgesOf(result);
  answer["malignant_from"] = nullptr;
  if (const auto thresholds = result.find("thresholds"); thresholds != result.end()) {
    answer["malignant_from"] = thresholds->at("malignant_probability");
  }
  for (const json& node : result.at("nodes"))
    answer["nodes"].push_back(NodeOf(node));
  return answer;
}

Response Slices(const Results& results) {
  const std::string index =
      results.WithSlices([](const storage::Bundle& bundle) { return bundle.Index(); });
  Response response = Json(SlicesOf(index, results.Read("JSON", "result.json")));
  response.headers.emplace_back("Cache-Control", kForEver);
  return response;
}

Response Slice(const Results& results, std::string_view name) {
  constexpr std::string_view kEnd = ".jpg";
  if (!name.ends_with(kEnd))
    throw Error(ErrorCode::kNotFound, "slices are at .../slices/{index}.jpg");
  const std::int64_t index = NumberIn(name.substr(0, name.size() - kEnd.size()), "slice");
  const std::vector<std::byte> file = results.WithSlices(
      [&](const storage::Bundle& bundle) { return bundle.Part(static_cast<std::size_t>(index)); });
  return {200, "image/jpeg", {{"Cache-Control", kForEver}}, Text(file)};
}

Response Report(const Results& results) {
  return {200,
          "text/html; charset=utf-8",
          {{"Content-Security-Policy", kReportPolicy}, {"Cache-Control", "private, no-cache"}},
          results.Read("HTML", "report")};
}

template <typename Answer>
Handler ForJob(storage::Store& store, Answer answer) {
  return [&store, answer](const Request& request) -> Response {
    try {
      return answer(Results(store, request), request);
    } catch (const Gone&) {
      return Problem(410, "retention has removed the files of this study");
    }
  };
}

}  // namespace

void AddSlicesApi(Router& router, const SlicesServices& services) {
  storage::Store& store = services.store;
  const std::string job = "/api/v1/jobs/{id}";
  router.Add("GET",
             job + "/slices",
             Role::kViewer,
             ForJob(store, [](const auto& results, const auto&) { return Slices(results); }));
  router.Add("GET",
             job + "/slices/{name}",
             Role::kViewer,
             ForJob(store, [](const auto& results, const auto& request) {
               return Slice(results, request.parameters.at("name"));
             }));
  router.Add("GET",
             job + "/report",
             Role::kViewer,
             ForJob(store, [](const auto& results, const auto&) { return Report(results); }));
  router.Add(
      "GET", job + "/result", Role::kViewer, ForJob(store, [](const auto& results, const auto&) {
        return Response{200, "application/json", {}, results.Read("JSON", "result.json")};
      }));
}

}  // namespace necknode::admin
