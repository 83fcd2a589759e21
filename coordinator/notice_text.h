#pragma once

#include <string>

#include "coordinator/notice_channels.h"
#include "storage/notices.h"

namespace necknode::coordinator {

struct NoticeWording {
  std::string node;                ///< our AE title
  std::string page_url;            ///< of the administrator's page; empty: no links
  bool include_study_uid = false;  ///< else studies are named by their number only
};

/// The message in words and as JSON: {"id", "kind", "time", "node", "text", "count", "link",
/// "items": [{"time", "study", "job", "row", "subject", "link"}]}; numbers that an item has not are
/// left out, as are links without `page_url`. Beside "study_instance_uid" no patient data.
[[nodiscard]] NoticeText WriteNotice(const storage::NoticeMessage& message,
                                     const NoticeWording& wording);

/// What `necknode notices test` sends: kind "test".
[[nodiscard]] storage::NoticeMessage TestNotice(WallTime now);

}  // namespace necknode::coordinator
