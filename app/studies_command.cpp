#include <cstdio>
#include <memory>
#include <regex>

#include "app/commands.h"
#include "app/listing.h"
#include "core/error.h"

namespace necknode::app {
namespace {

using nlohmann::json;

constexpr const char* kPatientHelp =
    "Show patient name, ID and descriptions, which are left out otherwise: terminals and their "
    "logs "
    "are kept";

// Names end up in the logs of shells and of what calls this program.
json WithoutPatient(json study) {
  study["patient_name"] = nullptr;
  study["patient_id"] = nullptr;
  study["description"] = nullptr;  // may hold a name
  if (const auto series = study.find("series"); series != study.end()) {
    for (json& one : *series) {
      one["description"] = nullptr;
      one.erase("patients");
    }
  }
  return study;
}

bool IsRowNumber(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  return !text.empty() && text.size() <= kMostDigits && text.front() != '0' &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

struct StudiesArguments : ListingArguments {
  bool patient = false;
  std::string search, state, since, until;
};

void PrintStudy(const json& study, bool patient) {
  std::printf("%-6lld %-12s %-19s %6lld  %s\n",
              NumberOf(study, "id"),
              TextOf(study, "status").c_str(),
              TimeOf(study, "first_received").c_str(),
              NumberOf(study, "instances"),
              CutTo(TextOf(study, "status_text"), 52).c_str());
  if (patient) {
    PrintReason(TextOf(study, "patient_name") + "  " + TextOf(study, "patient_id") + "  " +
                TextOf(study, "study_date"));
  }
}

void List(const StudiesArguments& arguments) {
  const LocalApi api(arguments.node);
  json studies = api.Items("/studies",
                           {{"search", arguments.search},
                            {"state", arguments.state},
                            {"since", arguments.since},
                            {"until", arguments.until}},
                           arguments.limit);
  if (!arguments.patient) {
    for (json& study : studies) {
      study = WithoutPatient(std::move(study));
    }
  }
  PrintList(studies,
            arguments.as_json,
            "study",
            "STUDY  STATE        RECEIVED (UTC)       FILES  WHAT",
            [&](const json& study) { PrintStudy(study, arguments.patient); });
}

struct StudyArguments : ListingArguments {
  bool patient = false, same_patient = false;
  std::string study, action = "show", package, route, destination;
};

std::string PathOf(const LocalApi& api, const std::string& study) {
  if (study.find('.') == std::string::npos) {
    return "/studies/" + study;
  }
  const auto found = api.store().studies().Find(Uid(study));
  if (!found) {
    throw Error(ErrorCode::kNotFound, "there is no study with this Study Instance UID");
  }
  return "/studies/" + std::to_string(found->id);
}

/// Neighbours that say the same, or the same of another row, as one with the time of the last.
json Folded(const json& events) {
  static const std::regex row("\\brow [0-9]+");
  json folded = json::array();
  std::string before;
  for (const json& event : events) {
    const std::string text = std::regex_replace(TextOf(event, "text"), row, "rows");
    const std::string said = TextOf(event, "event") + ' ' + text;
    if (said == before) {
      json& last = folded.back();
      last["times"] = NumberOf(last, "times") + 1;
      last["time"] = event.at("time");
      if (last.at("text") != event.at("text")) {
        last["text"] = text;
      }
    } else {
      folded.push_back(event);
      folded.back()["times"] = 1;
      before = said;
    }
  }
  return folded;
}

void PrintWhole(const json& study, bool patient) {
  std::printf("study %lld  %s  %s\n",
              NumberOf(study, "id"),
              TextOf(study, "status").c_str(),
              TextOf(study, "status_text").c_str());
  std::printf("  %s\n", TextOf(study, "study_instance_uid").c_str());
  if (patient) {
    std::printf(
        "  %s  %s\n", TextOf(study, "patient_name").c_str(), TextOf(study, "patient_id").c_str());
  }
  std::printf("  %s  %lld objects, %.1f MiB\n",
              TextOf(study, "description").c_str(),
              NumberOf(study, "instances"),
              study.at("bytes").get<double>() / (1U << 20U));
  for (const json& arrival : study.at("arrivals")) {
    std::printf("  from %s to %s\n",
                TextOf(arrival, "calling_ae").c_str(),
                TextOf(arrival, "called_ae").c_str());
  }
  std::printf("\n");
  for (const json& event : Folded(study.at("timeline"))) {
    const std::string level = TextOf(event, "level");
    const long long times = NumberOf(event, "times");
    std::printf("  %s  %c %s%s\n",
                TimeOf(event, "time").c_str(),
                level == "error"     ? '!'
                : level == "warning" ? '?'
                                     : ' ',
                TextOf(event, "text").c_str(),
                times == 1 ? "" : (" (" + std::to_string(times) + " times)").c_str());
  }
}

void Show(const LocalApi& api, const StudyArguments& arguments) {
  json study = api.Get(PathOf(api, arguments.study));
  if (!arguments.patient) {
    study = WithoutPatient(std::move(study));
  }
  if (arguments.as_json) {
    PrintJson(study);
  } else {
    PrintWhole(study, arguments.patient);
  }
}

json Act(const LocalApi& api, const StudyArguments& arguments) {
  const std::string path = PathOf(api, arguments.study) + "/" + arguments.action;
  if (arguments.action == "reanalyse") {
    json body = json::object();
    if (!arguments.package.empty()) {
      body["package"] = arguments.package;
    }
    if (!arguments.route.empty()) {
      body["route"] = arguments.route;
    }
    return api.Send("POST", path, body);
  }
  if (arguments.action == "resend") {
    return api.Send("POST",
                    path,
                    arguments.destination.empty()
                        ? json::object()
                        : json::object({{"destination", arguments.destination}}));
  }
  try {
    return WithoutPatient(api.Send("POST", path, {{"same_patient", arguments.same_patient}}));
  } catch (const Error& error) {
    const bool two_patients = std::string(error.what()).find("two patients") != std::string::npos;
    throw Error(error.code(),
                error.what() + std::string(two_patients ? ": --same-patient says so" : ""));
  }
}

void PrintAct(const json& answer, const StudyArguments& arguments) {
  if (arguments.action == "resend") {
    const long long released = NumberOf(answer, "released");
    std::printf("%lld document%s sent again\n", released, released == 1 ? " is" : "s are");
  } else if (arguments.action == "unpark") {
    std::printf("study %lld is decided on anew\n", NumberOf(answer, "id"));
  } else {
    for (const json& job : answer.at("jobs")) {
      std::printf("job %lld: route %s, package %s, %s\n",
                  NumberOf(job, "id"),
                  TextOf(job, "route").c_str(),
                  TextOf(job, "package").c_str(),
                  TextOf(job, "state").c_str());
    }
  }
}

}  // namespace

void AddStudies(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "studies", "List studies, newest first, with what became of each; without patient names");
  auto arguments = std::make_shared<StudiesArguments>();
  arguments->AddTo(*command);
  command->add_flag("--patient", arguments->patient, kPatientHelp);
  command->add_option("--search",
                      arguments->search,
                      "Words in patient name, patient ID, Study Instance UID or description");
  command->add_option("--state",
                      arguments->state,
                      "receiving | waiting | queued | analysing | sending | done | not_analysed | "
                      "attention");
  command->add_option("--since", arguments->since, "Received since, e.g. 2026-11-27");
  command->add_option("--until", arguments->until, "Received until, that day included");
  command->callback([arguments] { List(*arguments); });
}

void AddStudy(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "study", "Show one study with all that happened to it, or act on it; without patient names");
  auto arguments = std::make_shared<StudyArguments>();
  arguments->AddTo(*command, false);
  command->add_flag("--patient", arguments->patient, kPatientHelp);
  command->add_option("STUDY", arguments->study, "Number of the study, or its Study Instance UID")
      ->required()
      ->check(CLI::Validator(
          [](const std::string& text) {
            return IsRowNumber(text) || Uid(text).IsValid()
                       ? ""
                       : "\"" + text + "\" is neither a study's number nor a Study Instance UID";
          },
          "NUMBER or UID"));
  command
      ->add_option("ACTION",
                   arguments->action,
                   "show | reanalyse: make its jobs again, with --package by another model | "
                   "resend: send its documents again | unpark: decide on it anew")
      ->check(CLI::IsMember({"show", "reanalyse", "resend", "unpark"}));
  command->add_option("--package", arguments->package, "reanalyse: NAME/VERSION of a model")
      ->check(NotEmpty());
  command->add_option("--route", arguments->route, "reanalyse: this route only")->check(NotEmpty());
  command->add_option("--destination", arguments->destination, "resend: to this peer only")
      ->check(NotEmpty());
  command->add_flag("--same-patient",
                    arguments->same_patient,
                    "unpark: a person has checked that the two patients it names are one");
  command->callback([arguments] {
    const LocalApi api(arguments->node);
    if (arguments->action == "show") {
      Show(api, *arguments);
      return;
    }
    const json answer = Act(api, *arguments);
    if (arguments->as_json) {
      PrintJson(answer);
    } else {
      PrintAct(answer, *arguments);
    }
  });
}

}  // namespace necknode::app
