#include <cstdio>
#include <memory>
#include <string>

#include "app/commands.h"
#include "app/listing.h"
#include "app/node_options.h"
#include "app/notice_options.h"
#include "core/clock.h"
#include "core/error.h"

namespace necknode::app {
namespace {

/// Why it failed, or empty.
template <typename Send>
std::string FailureOf(Send send) {
  try {
    return send();
  } catch (const Error& error) {
    return error.what();
  }
}

void SendTest(const NodeOptions& node, bool as_json) {
  const config::Config config = node.Load();
  if (!config.notices.wanted()) {
    throw Error(ErrorCode::kConfig,
                "nobody is to be told: [notices.webhook] has no url and [notices.email] no server");
  }
  const coordinator::NotifierOptions options = NotifierOptionsOf(config);
  const coordinator::NoticeText text =
      coordinator::WriteNotice(coordinator::TestNotice(SystemClock().Now()), options.wording);
  bool good = true;
  nlohmann::json outcomes = nlohmann::json::array();
  const auto note = [&](const char* channel, const std::string& failure) {
    good = good && failure.empty();
    outcomes.push_back({{"channel", channel}, {"ok", failure.empty()}, {"text", failure}});
    if (!as_json) {
      std::printf("%s: %s\n", channel, failure.empty() ? "sent" : failure.c_str());
    }
  };
  if (options.webhook) {
    note("webhook",
         FailureOf([&] { return coordinator::PostWebhook(*options.webhook, text, {}); }));
  }
  if (options.email) {
    note("email", FailureOf([&] { return coordinator::SendMail(*options.email, text, {}); }));
  }
  if (as_json) {
    PrintJson(outcomes);
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
  auto as_json = std::make_shared<bool>(false);
  options->AddTo(*test);
  test->add_flag("--json", *as_json, "Machine-readable");
  test->callback([options, as_json] { SendTest(*options, *as_json); });
}

}  // namespace necknode::app
