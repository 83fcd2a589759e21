#include "app/notice_options.h"

#include "core/clock.h"

namespace necknode::app {

coordinator::NotifierOptions NotifierOptionsOf(const config::Config& config) {
  const config::Notices& notices = config.notices;
  coordinator::NotifierOptions options;
  options.kinds = {notices.kinds.begin(), notices.kinds.end()};
  options.wording.node = config.ae.front().title;
  options.wording.page_url = notices.page_url;
  options.wording.include_study_uid = notices.include_study_uid;
  if (!notices.webhook_url.empty()) {
    options.webhook = {notices.webhook_url, notices.webhook_secret_file, config.tls_trusted};
  }
  if (!notices.smtp_server.empty()) {
    options.email = {notices.smtp_server,
                     notices.smtp_port,
                     notices.smtp_security,
                     notices.smtp_user,
                     notices.smtp_password_file,
                     notices.email_from,
                     notices.email_to,
                     config.tls_trusted};
  }
  return options;
}

std::unique_ptr<coordinator::Notifier> MakeNotifier(const config::Config& config,
                                                    storage::Store& store) {
  return config.notices.wanted() ? std::make_unique<coordinator::Notifier>(
                                       NotifierOptionsOf(config), store, SystemClock())
                                 : nullptr;
}

}  // namespace necknode::app
