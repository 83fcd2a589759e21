#include <algorithm>
#include <set>

#include "config/parsed.h"
#include "config/table_reader.h"

namespace necknode::config {
namespace {

constexpr std::size_t kMostReceivers = 50;

// What goes into an SMTP command and a header line: RFC 5321 without quoted names and comments.
std::string MailAddressProblem(const std::string& address) {
  const auto at = address.find('@');
  const auto allowed = [](char c) {
    return c > 0x20 && c < 0x7F && std::string_view("<>()[],;:\\\"").find(c) == std::string::npos;
  };
  if (at == 0 || at == std::string::npos || at + 1 == address.size() ||
      address.find('@', at + 1) != std::string::npos || address.size() > 254 ||
      !std::all_of(address.begin(), address.end(), allowed)) {
    return "\"" + address + "\" is no mail address: name@host, without spaces";
  }
  return "";
}

void CheckKinds(Parsed& parsed) {
  std::set<std::string> seen;
  for (const std::string& kind : parsed.config.notices.kinds) {
    const auto& known = NoticeKinds();
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      std::string all;
      for (const std::string& one : known) {
        all += (all.empty() ? "" : ", ") + one;
      }
      parsed.AddProblem("notices.kinds", "\"" + kind + "\" is none of: " + all);
    } else if (!seen.insert(kind).second) {
      parsed.AddProblem("notices.kinds", "\"" + kind + "\" stands twice");
    }
  }
}

void CheckWebhook(Parsed& parsed) {
  const Notices& notices = parsed.config.notices;
  if (notices.webhook_url.empty()) {
    if (!notices.webhook_secret_file.empty()) {
      parsed.AddProblem("notices.webhook.secret_file", "needs a url");
    }
    return;
  }
  if (const std::string problem = UrlProblem(notices.webhook_url); !problem.empty()) {
    parsed.AddProblem("notices.webhook.url", problem);
    return;
  }
  if (notices.webhook_secret_file.empty()) {
    parsed.AddProblem("notices.webhook.secret_file",
                      "is needed: without a signature anybody could send such messages");
  }
  if (notices.include_study_uid && notices.webhook_url.starts_with("http://") &&
      !IsLoopbackUrl(notices.webhook_url)) {
    parsed.AddProblem("notices.include_study_uid",
                      "needs an https webhook: UIDs of patients go by https only");
  }
}

void CheckEmail(Parsed& parsed) {
  const Notices& notices = parsed.config.notices;
  if (notices.smtp_server.empty()) {
    if (!notices.email_to.empty() || !notices.smtp_user.empty()) {
      parsed.AddProblem("notices.email.server", "is needed where mails are to be sent");
    }
    return;
  }
  if (const std::string problem = HostProblem(notices.smtp_server); !problem.empty()) {
    parsed.AddProblem("notices.email.server", problem);
  }
  if (const std::string problem = MailAddressProblem(notices.email_from); !problem.empty()) {
    parsed.AddProblem("notices.email.from", problem);
  }
  if (notices.email_to.empty() || notices.email_to.size() > kMostReceivers) {
    parsed.AddProblem("notices.email.to",
                      "must name 1 to " + std::to_string(kMostReceivers) + " receivers");
  }
  for (const std::string& receiver : notices.email_to) {
    if (const std::string problem = MailAddressProblem(receiver); !problem.empty()) {
      parsed.AddProblem("notices.email.to", problem);
    }
  }
  if (notices.smtp_user.empty() != notices.smtp_password_file.empty()) {
    parsed.AddProblem(
        notices.smtp_user.empty() ? "notices.email.user" : "notices.email.password_file",
        "user and password_file belong together");
  }
  const bool local = notices.smtp_server == "localhost" || notices.smtp_server == "::1" ||
                     notices.smtp_server.starts_with("127.");
  if (notices.smtp_security == "none" && !local) {
    if (!notices.smtp_user.empty()) {
      parsed.AddProblem("notices.email.security",
                        "a password goes by starttls or tls only, but to this machine itself");
    }
    if (notices.include_study_uid) {
      parsed.AddProblem("notices.include_study_uid",
                        "needs starttls or tls: UIDs of patients are not sent in the clear");
    }
  }
}

}  // namespace

const std::vector<std::string>& NoticeKinds() {
  static const std::vector<std::string> kKinds = [] {
    std::vector<std::string> kinds = Notices{}.kinds;
    kinds.emplace_back("suspicious_finding");
    return kinds;
  }();
  return kKinds;
}

void ReadNotices(TableReader& table, Notices& notices) {
  table.Texts("kinds", notices.kinds);
  table.Text("page_url", notices.page_url);
  table.Flag("include_study_uid", notices.include_study_uid);
  table.Table("webhook", [&](TableReader& webhook) {
    webhook.Text("url", notices.webhook_url);
    webhook.File("secret_file", notices.webhook_secret_file);
  });
  table.Table("email", [&](TableReader& email) {
    email.Text("server", notices.smtp_server);
    email.Integer("port", notices.smtp_port, 1, kMaxPort);
    email.Choice("security", notices.smtp_security, {"starttls", "tls", "none"});
    email.Text("user", notices.smtp_user);
    email.File("password_file", notices.smtp_password_file);
    email.Text("from", notices.email_from);
    email.Texts("to", notices.email_to);
  });
}

void CheckNotices(Parsed& parsed) {
  CheckKinds(parsed);
  const Notices& notices = parsed.config.notices;
  if (!notices.page_url.empty()) {
    if (const std::string problem = UrlProblem(notices.page_url); !problem.empty()) {
      parsed.AddProblem("notices.page_url", problem);
    }
  }
  CheckWebhook(parsed);
  CheckEmail(parsed);
}

}  // namespace necknode::config
