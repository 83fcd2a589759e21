#include "app/listing.h"

#include <cstdio>

namespace necknode::app {

using nlohmann::json;

void ListingArguments::AddTo(CLI::App& command, bool list) {
  node.AddTo(command);
  command.add_flag("--json", as_json, "As JSON, items as the HTTP API has them");
  if (list) {
    command.add_option("--limit", limit, "Newest rows; 0: all")->check(CLI::Range(0, 1'000'000));
  }
}

CLI::Validator NotEmpty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("must not be empty") : std::string();
          },
          ""};
}

void PrintJson(const json& value) {
  std::printf("%s\n", value.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

void PrintList(const json& rows,
               bool as_json,
               const char* noun,
               const char* heading,
               const std::function<void(const json&)>& print) {
  if (as_json) {
    PrintJson(rows);
    return;
  }
  if (rows.empty()) {
    std::printf("no %s\n", noun);
  } else if (heading != nullptr) {
    std::printf("%s\n", heading);
  }
  for (const json& row : rows) {
    print(row);
  }
}

std::string TextOf(const json& value, const char* key) {
  const auto found = value.find(key);
  return found == value.end() || !found->is_string() ? "" : Printable(found->get<std::string>());
}

long long NumberOf(const json& value, const char* key) { return value.at(key).get<long long>(); }

std::string TimeOf(const json& value, const char* key) {
  const std::string text = TextOf(value, key);
  constexpr std::size_t kDate = 10, kSeconds = 19;
  return text.size() < kSeconds
             ? "-"
             : text.substr(0, kDate) + " " + text.substr(kDate + 1, kSeconds - kDate - 1);
}

std::string CutTo(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) {
    return text;
  }
  std::size_t end = bytes > 3 ? bytes - 3 : 0;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
    --end;
  }
  return text.substr(0, end) + "...";
}

std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
      c = '.';
    }
  }
  return text;
}

void PrintReason(const std::string& text) {
  if (!text.empty()) {
    std::printf("      %s\n", text.c_str());
  }
}

}  // namespace necknode::app
