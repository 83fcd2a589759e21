#pragma once

#include "core/uid.h"
#include "scp/http_client.h"
#include "scp/storage_scu.h"

namespace necknode::scp {

inline constexpr const char* kDicomJson = "application/dicom+json";

/// By its content type, or the one that servers of before 2015 send.
[[nodiscard]] bool IsDicomJson(const HttpAnswer& answer);

/// What the answer to a Store transaction of one instance means for it (PS3.18 10.5.3 and the Store
/// Instances Response Module of its Annex I; the house's table: docs/conformance.md). Only an
/// answer that names the instance among the stored ones delivers it; a failure reason is judged
/// like a status of C-STORE. `sent_sop_instance_uid` is left empty. Nothing of the answer's text
/// but numbers gets into the result.
[[nodiscard]] SendResult ResultOfAnswer(const HttpAnswer& answer, const Uid& sop_instance_uid);

/// True where the answer is about the server or the way to it, so that another document would fare
/// no better now.
[[nodiscard]] bool IsUnavailable(const HttpAnswer& answer);

}  // namespace necknode::scp
