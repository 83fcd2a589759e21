#pragma once

#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmnet/assoc.h>

#include "scp/tls_files.h"

namespace necknode::scp {

/// Gives a DCMTK requestor its connections: without Nagle's algorithm and, where `tls` is given, by
/// TLS of the BCP 195 profile (PS3.15 B.12: 1.2 and 1.3, never less), to a peer whose certificate
/// is vouched for by `tls->trusted` and made out for `host`, a name or an address. Presents our own
/// certificate where there is one. Returns what failed, e.g. a file that cannot be read.
[[nodiscard]] OFCondition SetTransport(T_ASC_Network& network,
                                       const TlsFiles* tls,
                                       const std::string& host);

}  // namespace necknode::scp
