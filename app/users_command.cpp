#include <algorithm>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>

#include "admin/credentials.h"
#include "admin/passwords.h"
#include "admin/user_api.h"
#include "app/commands.h"
#include "app/listing.h"
#include "app/node_options.h"
#include "app/read_password.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;
using storage::AuditEvent;

struct UsersArguments {
  NodeOptions node;
  std::string name, role, password_file;
  int expires_days = 0;
  bool as_json = false;
};

constexpr int kMostDays = 3650;

std::string Column(std::string text) {
  constexpr std::size_t kWidth = 26;
  text.resize(std::max(text.size() + 2, kWidth), ' ');
  return text;
}

// The rows of a list command: as JSON, or one line each of the fields named.
template <typename Rows>
void PrintRows(const Rows& rows,
               bool as_json,
               const char* noun,
               std::initializer_list<const char*> fields) {
  json all = json::array();
  std::string heading;
  for (const char* field : fields) {
    heading += Column(field);
  }
  for (const auto& row : rows) {
    all.push_back(admin::AsJson(row));
  }
  PrintList(all, as_json, noun, heading.c_str(), [&](const json& row) {
    for (const char* field : fields) {
      const std::string text = TextOf(row, field);
      std::printf("%s", Column(text.empty() ? "never" : text).c_str());
    }
    std::printf("\n");
  });
}

AuditEvent Act(const std::string& event,
               const std::string& subject,
               const std::string& outcome,
               const std::string& detail = "") {
  storage::AuditContext context;
  context.user = storage::ProcessUser();
  return {event, subject, outcome, detail, context};
}

CLI::App* AddCommand(CLI::App& to,
                     const std::string& name,
                     const std::string& text,
                     const std::shared_ptr<UsersArguments>& arguments,
                     void (*run)(const UsersArguments&)) {
  auto* command = to.add_subcommand(name, text);
  arguments->node.AddTo(*command);
  command->callback([arguments, run] { run(*arguments); });
  return command;
}

void AddUser(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), false);
  const storage::User user =
      admin::MakeUser(arguments.name, arguments.role, ReadNewPassword(arguments.password_file));
  store->users().Add(user, Act("user", user.name, "added", user.role));
}

void SetPassword(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  const std::string password = ReadNewPassword(arguments.password_file);
  if (const std::string problem = admin::PasswordProblem(password); !problem.empty()) {
    throw Error(ErrorCode::kInvalidArgument, problem);
  }
  store->users().Change(arguments.name,
                        {.password_hash = admin::HashPassword(password)},
                        {Act("user", arguments.name, "password changed")});
}

void SetRole(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  store->users().Change(arguments.name,
                        {.role = arguments.role},
                        {Act("user", arguments.name, "role changed", arguments.role)});
}

void AddToken(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  std::optional<WallTime> expires;
  if (arguments.expires_days > 0) {
    expires = SystemClock().Now() + std::chrono::days(arguments.expires_days);
  }
  const admin::NewToken made =
      admin::MakeToken(arguments.name, arguments.role, expires, storage::ProcessUser());
  store->users().AddToken(made.row, Act("token", made.row.name, "added", made.row.role));
  std::fprintf(stderr, "The token is shown this once; programs send it as Authorization: Bearer\n");
  std::printf("%s\n", made.secret.c_str());
}

void ListUsers(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  PrintRows(store->users().List(), arguments.as_json, "user", {"name", "role", "last_login"});
}

void RemoveUser(const UsersArguments& arguments) {
  OpenStore(arguments.node.Load(), true)
      ->users()
      .Remove(arguments.name, Act("user", arguments.name, "removed"));
}

void ListTokens(const UsersArguments& arguments) {
  const auto store = OpenStore(arguments.node.Load(), true);
  PrintRows(store->users().Tokens(),
            arguments.as_json,
            "token",
            {"name", "role", "expires", "last_used"});
}

void RemoveToken(const UsersArguments& arguments) {
  OpenStore(arguments.node.Load(), true)
      ->users()
      .RemoveToken(arguments.name, Act("token", arguments.name, "removed"));
}

void AddName(CLI::App* command, UsersArguments& arguments) {
  command->add_option("NAME", arguments.name)->required();
}

void AddRole(CLI::App* command, UsersArguments& arguments, const std::vector<std::string>& roles) {
  std::string help;
  for (const std::string& role : roles) {
    help += (help.empty() ? "" : " | ") + role;
  }
  command->add_option("--role", arguments.role, help)->required()->check(CLI::IsMember(roles));
}

void AddPasswordFile(CLI::App* command, UsersArguments& arguments) {
  command->add_option("--password-file",
                      arguments.password_file,
                      "File whose first line is the password, - for standard input; without one it "
                      "is asked for");
}

}  // namespace

void AddUsers(CLI::App& cli) {
  auto* users = cli.add_subcommand(
      "users",
      "Who may log in to the page and the API. With the first user a login is needed on loopback "
      "too; beyond it the node does not start without an administrator");
  users->require_subcommand(1);
  const auto arguments = std::make_shared<UsersArguments>();
  auto* add = AddCommand(*users, "add", "Add a user; makes the data folder", arguments, AddUser);
  AddName(add, *arguments);
  AddRole(add, *arguments, {"viewer", "operator", "administrator"});
  AddPasswordFile(add, *arguments);
  auto* password = AddCommand(
      *users, "passwd", "Set a user's password, which ends its sessions", arguments, SetPassword);
  AddName(password, *arguments);
  AddPasswordFile(password, *arguments);
  auto* role = AddCommand(*users, "set", "Give a user another role", arguments, SetRole);
  AddName(role, *arguments);
  AddRole(role, *arguments, {"viewer", "operator", "administrator"});
  AddName(AddCommand(*users, "remove", "Remove a user", arguments, RemoveUser), *arguments);
  AddCommand(*users, "list", "List the users", arguments, ListUsers)
      ->add_flag("--json", arguments->as_json, "Machine-readable");
}

void AddTokens(CLI::App& cli) {
  auto* tokens = cli.add_subcommand("tokens", "What programs show the API instead of a password");
  tokens->require_subcommand(1);
  const auto arguments = std::make_shared<UsersArguments>();
  auto* add = AddCommand(*tokens, "add", "Add a token and print it, once", arguments, AddToken);
  AddName(add, *arguments);
  AddRole(add, *arguments, {"monitoring", "viewer", "operator", "administrator"});
  add->add_option("--expires-days", arguments->expires_days, "Days that it holds; 0: no end")
      ->check(CLI::Range(0, kMostDays));
  AddName(AddCommand(*tokens, "remove", "Remove a token", arguments, RemoveToken), *arguments);
  AddCommand(*tokens, "list", "List the tokens, without their secrets", arguments, ListTokens)
      ->add_flag("--json", arguments->as_json, "Machine-readable");
}

}  // namespace necknode::app
