#pragma once

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "app/local_api.h"
#include "app/node_options.h"

namespace necknode::app {

// What the commands that show a node's rows have in common.

/// Options and the node of such a command.
struct ListingArguments {
  NodeOptions node;
  bool as_json = false;
  int limit = 20;

  /// Adds --config, --json and the like; --limit for lists.
  void AddTo(CLI::App& command, bool list = true);
};

/// Of an option that names one thing: an empty name, as of a script's unset variable, must not mean
/// all.
[[nodiscard]] CLI::Validator NotEmpty();

/// JSON to standard output.
void PrintJson(const nlohmann::json& value);
/// Rows for people: a heading, if any, and what `print` makes of each, or that there is no `noun`;
/// or all as JSON.
void PrintList(const nlohmann::json& rows,
               bool as_json,
               const char* noun,
               const char* heading,
               const std::function<void(const nlohmann::json&)>& print);
/// A member that is text; empty where it is null or absent.
[[nodiscard]] std::string TextOf(const nlohmann::json& value, const char* key);
[[nodiscard]] long long NumberOf(const nlohmann::json& value, const char* key);
/// "2026-11-27 03:35:36" of a time in JSON, which is UTC; "-" for none.
[[nodiscard]] std::string TimeOf(const nlohmann::json& value, const char* key);
/// Cut to so many bytes, at a character of UTF-8, with "..." at the end.
[[nodiscard]] std::string CutTo(std::string text, std::size_t bytes);
/// What peers sent may hold control characters: each becomes a dot.
[[nodiscard]] std::string Printable(std::string text);
/// A further line with the text, where it is not empty.
void PrintReason(const std::string& text);

}  // namespace necknode::app
