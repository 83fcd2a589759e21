#pragma once

#include <memory>

#include "config/config.h"
#include "coordinator/notifier.h"
#include "storage/store.h"

namespace necknode::app {

/// What the configuration says of notices.
[[nodiscard]] coordinator::NotifierOptions NotifierOptionsOf(const config::Config& config);

/// Nothing where nobody is to be told.
[[nodiscard]] std::unique_ptr<coordinator::Notifier> MakeNotifier(const config::Config& config,
                                                                  storage::Store& store);

}  // namespace necknode::app
