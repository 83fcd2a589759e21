#include "admin/http_message.h"

#include <array>
#include <ctime>
#include <sstream>
#include <utility>

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/beast/http/write.hpp>

#include "admin/http_text.h"
#include "admin/problem.h"

namespace necknode::admin {
namespace http = boost::beast::http;
namespace {

std::string DateHeader() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> rest{};
  std::strftime(rest.data(), rest.size(), "%Y %H:%M:%S GMT", &parts);
  std::array<char, 8> day{};
  std::strftime(day.data(), day.size(), "%d", &parts);
  return std::string(kDays.at(static_cast<std::size_t>(parts.tm_wday))) + ", " + day.data() + " " +
         kMonths.at(static_cast<std::size_t>(parts.tm_mon)) + " " + rest.data();
}

// Two of them would leave it to chance which one counts.
bool StandsTwice(const WireRequest& wire, http::field name) {
  const auto range = wire.equal_range(name);
  return range.first != range.second && std::next(range.first) != range.second;
}

// A line break would begin another header.
std::string OneLine(std::string text) {
  for (char& c : text) {
    c = static_cast<unsigned char>(c) < 0x20 || c == '\x7F' ? ' ' : c;
  }
  return text;
}

}  // namespace

std::optional<Response> ProblemOf(const WireRequest& wire) {
  if (wire.version() != 11 && wire.version() != 10) {
    return Problem(505, "HTTP/1.1 is spoken here");
  }
  if (wire.version() == 11 && wire.count(http::field::host) != 1) {
    return Problem(400, "one Host header is needed");
  }
  for (const http::field name : {http::field::host,
                                 http::field::authorization,
                                 http::field::content_type,
                                 http::field::content_length,
                                 http::field::origin}) {
    if (StandsTwice(wire, name)) {
      return Problem(400, "the header " + std::string(http::to_string(name)) + " stands twice");
    }
  }
  const auto coding = wire[http::field::transfer_encoding];
  if (!coding.empty() &&
      (LowerCase({coding.data(), coding.size()}) != "chunked" || wire.version() == 10)) {
    return Problem(400, "no transfer coding but chunked is taken");
  }
  if (!ParseTarget({wire.target().data(), wire.target().size()})) {
    return Problem(400, "this is no address of ours");
  }
  return std::nullopt;
}

Request RequestOf(WireRequest&& wire, const std::string& client) {
  Request request;
  request.method = wire.method_string();
  Target target = *ParseTarget({wire.target().data(), wire.target().size()});
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  for (const auto& field : wire) {
    const std::string name = LowerCase({field.name_string().data(), field.name_string().size()});
    std::string& value = request.headers[name];
    if (!value.empty()) {
      value += name == "cookie" ? "; " : ", ";
    }
    value.append(field.value().data(), field.value().size());
  }
  request.body = std::move(wire.body());
  request.client = client;
  return request;
}

WireResponse WireOf(Response&& response, unsigned version, bool head, bool close) {
  WireResponse wire(static_cast<http::status>(response.status), version);
  const bool stream = response.content_type == "text/event-stream";
  wire.set(http::field::date, DateHeader());
  if (response.status != 204 && response.status != 304) {
    wire.set(http::field::content_type, response.content_type);
  }
  for (const auto& [name, value] : response.headers) {
    wire.insert(name, OneLine(value));
  }
  wire.keep_alive(!close);
  if (!stream && response.status != 204 && response.status != 304) {
    wire.content_length(response.body.size());
  }
  if (!head) {
    wire.body() = std::move(response.body);
  }
  return wire;
}

std::string HeaderText(const WireResponse& wire) {
  std::ostringstream text;
  text << wire.base();
  return text.str();
}

}  // namespace necknode::admin
