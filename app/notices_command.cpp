#include <cstdio>
#include <memory>
#include <stop_token>

#include "app/commands.h"
#include "app/node_options.h"
#include "app/notice_options.h"
#include "core/clock.h"
#include "core/error.h"

namespace necknode::app {
namespace {

/// Prints how it went; true where it went well.
template <typename Send>
bool Try(const char* channel, Send send) {
  std::string failure;
  try {
    failure = send();
  } catch (const Error& error) {
    failure = error.what();
  }
  std::printf("%s: %s\n", channel, failure.empty() ? "sent" : failure.c_str());
  return failure.empty();
}

void SendTest(const NodeOptions& node) {
  const config::Config config = node.Load();
  if (!config.notices.wanted()) {
    throw Error(ErrorCode::kConfig,
                "nobody is to be told: [notices.webhook] has no url and [notices.email] no server");
  }
  const coordinator::NotifierOptions options = NotifierOptionsOf(config);
  const coordinator::NoticeText text =
      coordinator::WriteNotice(coordinator::TestNotice(SystemClock().Now()), options.wording);
  bool good = true;
  if (options.webhook) {
    good = Try("webhook", [&] { return coordinator::PostWebhook(*options.webhook, text, {}); });
  }
  if (options.email) {
    good = Try("email", [&] { return coordinator::SendMail(*options.email, text, {}); }) && good;
  }
  if (!good) {
    throw ExitWith{69};
  }
}

}  // namespace

void AddNotices(CLI::App& cli) {
  auto* command = cli.add_subcommand("notices", "Messages by webhook and e-mail");
  command->require_subcommand(1);
  auto* test = command->add_subcommand(
      "test", "Send a test message to all that are configured; exit 69 where one did not get it");
  auto options = std::make_shared<NodeOptions>();
  options->AddTo(*test);
  test->callback([options] { SendTest(*options); });
}

}  // namespace necknode::app
