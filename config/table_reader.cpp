#include "config/table_reader.h"

#include <algorithm>
#include <sstream>

#include <toml++/toml.h>

namespace necknode::config {
namespace {

int LineOf(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

/// With its article.
std::string TypeName(const toml::node& node) {
  std::ostringstream name;
  name << node.type();
  const bool vowel = name.str().find_first_of("aeiou") == 0;
  return (vowel ? "an " : "a ") + name.str();
}

std::string Shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

struct TableReader::Source {
  const toml::table& table;
};

struct TableReader::Access {
  static const toml::node* Take(TableReader& reader, const std::string& key) {
    reader.known_.insert(key);
    const toml::node* node = reader.source_.table.get(key);
    if (node != nullptr) {
      reader.parsed_.lines[reader.PathOf(key)] = LineOf(*node);
    }
    return node;
  }

  static void WrongType(TableReader& reader,
                        const std::string& key,
                        const toml::node& node,
                        const std::string& wanted) {
    reader.parsed_.AddProblem(reader.PathOf(key), "must be " + wanted + ", is " + TypeName(node));
  }
};

void TableReader::ReadRoot(const std::string& text,
                           Parsed& parsed,
                           const std::function<void(TableReader&)>& read) {
  try {
    const toml::table table = toml::parse(text);
    const Source source{table};
    TableReader root(parsed, source, "");
    read(root);
  } catch (const toml::parse_error& error) {
    parsed.problems.push_back({static_cast<int>(error.source().begin.line),
                               "",
                               "not TOML: " + std::string(error.description())});
  }
}

TableReader::TableReader(Parsed& parsed, const Source& source, std::string path)
    : parsed_(parsed), source_(source), path_(std::move(path)) {
  parsed_.lines[path_] = LineOf(source.table);
}

bool TableReader::Has(const std::string& key) const { return source_.table.contains(key); }

TableReader::~TableReader() {
  for (const auto& [key, node] : source_.table) {
    if (!known_.contains(std::string(key.str()))) {
      const std::string path = PathOf(std::string(key.str()));
      parsed_.lines[path] = LineOf(node);
      parsed_.AddProblem(path, "unknown key");
    }
  }
}

void TableReader::Text(const std::string& key, std::string& target) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  if (const auto value = node->value_exact<std::string>()) {
    target = *value;
  } else {
    Access::WrongType(*this, key, *node, "a string");
  }
}

void TableReader::File(const std::string& key, std::filesystem::path& target) {
  std::string text = target.string();
  Text(key, text);
  target = text;
}

void TableReader::Choice(const std::string& key,
                         std::string& target,
                         const std::vector<std::string>& choices) {
  std::string value = target;
  Text(key, value);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) {
    target = value;
    return;
  }
  std::string list;
  for (const std::string& choice : choices) {
    list += (list.empty() ? "" : ", ") + choice;
  }
  parsed_.AddProblem(PathOf(key), "\"" + value + "\" is none of: " + list);
}

void TableReader::Flag(const std::string& key, bool& target) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  if (const auto value = node->value_exact<bool>()) {
    target = *value;
  } else {
    Access::WrongType(*this, key, *node, "true or false");
  }
}

void TableReader::WholeNumber(const std::string& key,
                              std::int64_t& target,
                              std::int64_t low,
                              std::int64_t high) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    Access::WrongType(*this, key, *node, "a whole number");
  } else if (*value < low || *value > high) {
    OutOfRange(key, std::to_string(*value), std::to_string(low), std::to_string(high));
  } else {
    target = *value;
  }
}

void TableReader::Real(const std::string& key, double& target, double low, double high) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (!value) {
    Access::WrongType(*this, key, *node, "a number");
  } else if (!(*value >= low && *value <= high)) {
    OutOfRange(key, Shown(*value), Shown(low), Shown(high));
  } else {
    target = *value;
  }
}

void TableReader::Texts(const std::string& key, std::vector<std::string>& target) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    return Access::WrongType(*this, key, *node, "a list of strings");
  }
  target.clear();
  for (const toml::node& item : *array) {
    if (const auto value = item.value_exact<std::string>()) {
      target.push_back(*value);
    } else {
      Access::WrongType(*this, key, item, "a list of strings");
    }
  }
}

void TableReader::Table(const std::string& key, const std::function<void(TableReader&)>& read) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return;
  }
  if (const toml::table* table = node->as_table()) {
    const Source source{*table};
    TableReader reader(parsed_, source, PathOf(key));
    read(reader);
  } else {
    Access::WrongType(*this, key, *node, "a table [" + PathOf(key) + "]");
  }
}

bool TableReader::Tables(const std::string& key, const std::function<void(TableReader&)>& read) {
  const toml::node* node = Access::Take(*this, key);
  if (node == nullptr) {
    return false;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    Access::WrongType(*this, key, *node, "a list of tables [[" + PathOf(key) + "]]");
    return false;
  }
  std::size_t index = 0;
  for (const toml::node& item : *array) {
    const std::string path = PathOf(key) + "[" + std::to_string(index) + "]";
    if (const toml::table* table = item.as_table()) {
      const Source source{*table};
      TableReader reader(parsed_, source, path);
      read(reader);
    } else {
      parsed_.lines[path] = LineOf(item);
      parsed_.AddProblem(path, "must be a table, is " + TypeName(item));
    }
    ++index;
  }
  return true;
}

void TableReader::Require(const std::string& key) {
  if (!Has(key)) {
    parsed_.AddProblem(PathOf(key), "is missing");
  }
}

std::string TableReader::PathOf(const std::string& key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void TableReader::OutOfRange(const std::string& key,
                             const std::string& value,
                             const std::string& low,
                             const std::string& high) {
  parsed_.AddProblem(PathOf(key), value + " is outside " + low + " to " + high);
}

}  // namespace necknode::config
