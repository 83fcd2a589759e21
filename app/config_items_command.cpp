// The commands ae, peers and routes.
#include <charconv>
#include <cstdio>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "app/commands.h"
#include "app/listing.h"
#include "app/local_api.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

enum class Kind { kText, kNumber, kFlag, kTexts, kOutputs };

/// A key of an item as a command-line option: "--ae-title" for ae_title.
struct Key {
  const char* name;  ///< with "series." in front where it belongs there
  Kind kind = Kind::kText;
  const char* help = "";
};

struct Section {
  const char* name;       ///< as in the address
  const char* title_key;  ///< names an item
  const char* help;
  std::vector<Key> keys;
};

const std::vector<Section>& Sections() {
  static const std::vector<Section> kSections = {
      {"ae",
       "title",
       "our own AE titles",
       {{"title", Kind::kText, "Another title"},
        {"description", Kind::kText, "For people, at most 64 characters"},
        {"tls", Kind::kText, "optional | required | certificate"}}},
      {"peers",
       "name",
       "remote nodes",
       {{"name", Kind::kText, "Another name"},
        {"ae_title", Kind::kText, ""},
        {"host", Kind::kText, "Name or address"},
        {"port", Kind::kNumber, ""},
        {"url", Kind::kText, "Of a DICOMweb service, in place of AE title, host and port"},
        {"user", Kind::kText, "Of that service"},
        {"password_file", Kind::kText, "File with the user's password"},
        {"token_file", Kind::kText, "File with a bearer token"},
        {"tls", Kind::kFlag, "We call it by TLS"},
        {"may_send", Kind::kFlag, "Its calls are accepted"},
        {"case_insensitive", Kind::kFlag, "Compare its AE title without regard to case"},
        {"accept_non_clinical", Kind::kFlag, "Results that are not for clinical use may go there"},
        {"storage_commitment", Kind::kFlag, "It is asked to commit itself to what it gets"},
        {"verify_count", Kind::kFlag, "It is asked how many instances a series has"},
        {"sr_sop_class", Kind::kText, "auto | comprehensive3d | comprehensive"}}},
      {"routes",
       "name",
       "which studies are analysed, by what, and who gets the results",
       {{"name", Kind::kText, "Another name"},
        {"called_ae", Kind::kText, "Our AE title that was called"},
        {"calling_ae", Kind::kText, "AE title of the sender"},
        {"package", Kind::kText, "Model package, name/version"},
        {"shadow", Kind::kText, "Second package, of which nothing is sent"},
        {"intended_use", Kind::kText, "enforce | warn"},
        {"on_not_eligible", Kind::kText, "none | sr"},
        {"levels", Kind::kText, "off | experimental"},
        {"compare_prior", Kind::kFlag, "Compare with the newest earlier study"},
        {"series.min_slices", Kind::kNumber, ""},
        {"series.max_slices", Kind::kNumber, ""},
        {"series.min_slice_thickness_mm", Kind::kNumber, ""},
        {"series.max_slice_thickness_mm", Kind::kNumber, ""},
        {"series.body_parts", Kind::kTexts, "Separated by commas"},
        {"series.include_description", Kind::kTexts, "Separated by commas"},
        {"series.exclude_description", Kind::kTexts, "Separated by commas"},
        {"series.preferred_kernels", Kind::kTexts, "Separated by commas"},
        {"series.contrast", Kind::kText, "prefer | require | ignore"},
        {"output",
         Kind::kOutputs,
         "PEER or PEER:sr,gsps,sc, as often as there are peers; \"\" for none"}}}};
  return kSections;
}

std::string OptionOf(const Key& key) {
  std::string name = key.name;
  if (const auto dot = name.find('.'); dot != std::string::npos) {
    name.erase(0, dot + 1);
  }
  for (char& c : name) {
    c = c == '_' ? '-' : c;
  }
  return "--" + name;
}

std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    parts.push_back(part);
  }
  return parts;
}

json OutputOf(const std::string& text) {
  const auto colon = text.rfind(':');
  json output = {{"peer", text.substr(0, colon)}};
  if (colon != std::string::npos) {
    output.update({{"sr", false}, {"gsps", false}, {"sc", false}});
    for (const std::string& kind : Parts(text.substr(colon + 1))) {
      output[kind] = true;
    }
  }
  return output;
}

/// What is no number stays a text, for the validator to name.
json NumberOf(const std::string& text) {
  const json number = json::parse(text, nullptr, false);
  return number.is_number() ? number : json(text);
}

json ValueOf(const Key& key, const std::vector<std::string>& texts) {
  const std::string& text = texts.back();
  switch (key.kind) {
    case Kind::kNumber:
      return NumberOf(text);
    case Kind::kFlag:
      return text == "true" ? json(true) : text == "false" ? json(false) : json(text);
    case Kind::kTexts:
      return Parts(text);
    case Kind::kOutputs: {
      json outputs = json::array();
      for (const std::string& output : texts) {
        if (!output.empty()) {
          outputs.push_back(OutputOf(output));
        }
      }
      return outputs;
    }
    case Kind::kText:
      break;
  }
  return text;
}

struct ConfigItemsArguments {
  NodeOptions node;
  std::string name;
  std::map<std::string, std::vector<std::string>> values;  ///< by key
  bool as_json = false, echo = false;
};

/// Puts what was given on the command line into the item.
void Apply(const Section& section, const ConfigItemsArguments& arguments, json& item) {
  for (const Key& key : section.keys) {
    const auto given = arguments.values.find(key.name);
    if (given == arguments.values.end() || given->second.empty()) {
      continue;
    }
    const std::string name = key.name;
    const json value = ValueOf(key, given->second);
    if (const auto dot = name.find('.'); dot != std::string::npos) {
      item[name.substr(0, dot)][name.substr(dot + 1)] = value;
    } else {
      item[name] = value;
    }
  }
}

// A value as its option takes it: lists with commas, an output as PEER:sr,gsps.
std::string ValueText(const json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (!value.is_array() && !value.is_object()) {
    return value.is_null() ? "-" : value.dump();
  }
  std::string text;
  std::string separator = value.is_object() ? TextOf(value, "peer") + ":" : "";
  for (const auto& [key, part] : value.items()) {
    if (value.is_object() && part != true) {
      continue;
    }
    text += separator + (value.is_object() ? key : ValueText(part));
    separator = part.is_object() ? " " : ",";
  }
  return text;
}

void PrintItem(const json& item, const std::string& prefix = "") {
  for (const auto& [key, value] : item.items()) {
    if (value.is_object()) {
      PrintItem(value, prefix + key + ".");
    } else if (key != "etag") {
      std::printf("  %-30s %s\n", (prefix + key).c_str(), ValueText(value).c_str());
    }
  }
}

void PrintChange(const json& change) {
  for (const json& warning : change.at("warnings")) {
    std::fprintf(stderr, "note: %s\n", warning.at("text").get<std::string>().c_str());
  }
  std::printf("%sgeneration %d is in force\n",
              change.at("diff").get<std::string>().c_str(),
              change.at("generation").get<int>());
}

std::string ListPath(const Section& section) { return std::string("/config/") + section.name; }

std::string PathOf(const Section& section, const std::string& name) {
  return ListPath(section) + "/" + name;
}

void Echo(LocalApi& api, json item) {
  item.erase("etag");
  const json outcome = api.Send("POST", "/echo", item);
  if (!outcome.at("ok").get<bool>()) {
    throw Error(ErrorCode::kNetwork,
                "nothing was saved: the echo failed: " + outcome.at("text").get<std::string>());
  }
}

void List(const Section& section, const ConfigItemsArguments& arguments) {
  const json items = LocalApi(arguments.node).Get(ListPath(section));
  PrintList(items.at("items"), arguments.as_json, section.name, nullptr, [&](const json& item) {
    std::printf("%s\n", item.at(section.title_key).get<std::string>().c_str());
    PrintItem(item);
  });
}

void Show(const Section& section, const ConfigItemsArguments& arguments) {
  const json item = LocalApi(arguments.node).Get(PathOf(section, arguments.name));
  arguments.as_json ? PrintJson(item) : PrintItem(item);
}

void Add(const Section& section, const ConfigItemsArguments& arguments) {
  LocalApi api(arguments.node);
  json item = {{section.title_key, arguments.name}};
  Apply(section, arguments, item);
  if (arguments.echo) {
    Echo(api, item);
  }
  const json change = api.Send("POST", ListPath(section), item);
  arguments.as_json ? PrintJson(change) : PrintChange(change);
}

void Set(const Section& section, const ConfigItemsArguments& arguments) {
  LocalApi api(arguments.node);
  json item = api.Get(PathOf(section, arguments.name));
  const std::string etag = item.at("etag").get<std::string>();
  Apply(section, arguments, item);
  if (arguments.echo) {
    Echo(api, item);
  }
  const json change = api.Send("PUT", PathOf(section, arguments.name), item, etag);
  arguments.as_json ? PrintJson(change) : PrintChange(change);
}

void Remove(const Section& section, const ConfigItemsArguments& arguments) {
  LocalApi api(arguments.node);
  const json item = api.Get(PathOf(section, arguments.name));
  const json change = api.Send("DELETE",
                               PathOf(section, arguments.name),
                               json::object(),
                               item.at("etag").get<std::string>());
  arguments.as_json ? PrintJson(change) : PrintChange(change);
}

using Work = void (*)(const Section&, const ConfigItemsArguments&);

void AddAction(
    CLI::App& command, const Section& section, const char* name, const char* help, Work work) {
  CLI::App* action = command.add_subcommand(name, help);
  auto arguments = std::make_shared<ConfigItemsArguments>();
  const bool edits = work == Add || work == Set;
  if (work != List) {
    action->add_option("NAME", arguments->name)->required();
  }
  arguments->node.AddDataTo(*action);
  action->add_flag("--json", arguments->as_json, "Machine-readable");
  for (const Key& key : section.keys) {
    const bool renames = std::string(key.name) == section.title_key;
    if (!edits || (work == Add && renames)) {
      continue;
    }
    auto& values = arguments->values[key.name];
    const std::string key_help =
        std::string(key.help) + (key.kind == Kind::kFlag ? ": true | false" : "");
    action->add_option(OptionOf(key), values, key_help)->take_all()->allow_extra_args(false);
  }
  if (edits && std::string(section.name) == "peers") {
    action->add_flag("--echo", arguments->echo, "Save only where it answers C-ECHO");
  }
  action->callback([&section, arguments, work] { work(section, *arguments); });
}

}  // namespace

void AddConfigItems(CLI::App& cli) {
  for (const Section& section : Sections()) {
    auto* command = cli.add_subcommand(
        section.name, std::string("List and edit ") + section.help + ", while the node runs");
    command->require_subcommand(1);
    AddAction(*command, section, "list", "Print all of them", List);
    AddAction(*command, section, "show", "Print one", Show);
    AddAction(*command, section, "add", "Add one", Add);
    AddAction(*command, section, "set", "Change some keys of one", Set);
    AddAction(*command, section, "remove", "Remove one", Remove);
  }
}

}  // namespace necknode::app
