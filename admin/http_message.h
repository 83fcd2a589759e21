#pragma once

#include <optional>
#include <string>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "admin/request.h"

namespace necknode::admin {

using WireRequest = boost::beast::http::request<boost::beast::http::string_body>;
using WireResponse = boost::beast::http::response<boost::beast::http::string_body>;

/// What is wrong with a request that Beast could read, as a problem; nullopt: nothing. Here end
/// targets that are no path of ours, doubled Host headers and codings other than "chunked".
[[nodiscard]] std::optional<Response> ProblemOf(const WireRequest& wire);

/// A request as a handler sees it. `wire` must have passed ProblemOf.
[[nodiscard]] Request RequestOf(WireRequest&& wire, const std::string& client);

/// An answer as it goes out: with Date, Content-Length, Connection; without the body for HEAD and
/// 304.
[[nodiscard]] WireResponse WireOf(Response&& response, unsigned version, bool head, bool close);

/// Its status line and headers, and the empty line behind them.
[[nodiscard]] std::string HeaderText(const WireResponse& wire);

}  // namespace necknode::admin
