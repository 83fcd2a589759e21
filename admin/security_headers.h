#pragma once

#include "admin/request.h"

namespace necknode::admin {

/// Adds what every answer carries: a Content-Security-Policy that lets a page load from here only
/// and run no inline script, and headers against sniffing, framing by others, referrers and reading
/// from other origins; with `tls` Strict-Transport-Security. "Cache-Control: no-store" where the
/// handler said nothing. A header that the handler has set stays, so that a report page can have
/// its own "Content-Security-Policy: sandbox", to which framing by our page is added.
void AddSecurityHeaders(Response& response, bool tls);

/// The answer to a GET with its ETag, a digest of the body; without a body and with status 304
/// where the client has just that. Only of a 200 with a body and without an ETag of its own.
void AnswerConditionally(const Request& request, Response& response);

}  // namespace necknode::admin
