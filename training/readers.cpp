#include "training/readers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/error.h"

namespace necknode::training {
namespace {

std::string Trimmed(const std::string& text) {
  constexpr const char* kSpaces = " \t\r";
  const auto begin = text.find_first_not_of(kSpaces);
  return begin == std::string::npos
             ? ""
             : text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

/// Fields of a line (RFC 4180, but that none goes over a line's end), without the spaces about
/// them.
std::vector<std::string> FieldsOf(const std::string& line) {
  std::vector<std::string> fields;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      field += line[++i];
    } else if (c == '"' && (quoted || Trimmed(field).empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.push_back(Trimmed(field));
      field.clear();
    } else {
      field += c;
    }
  }
  fields.push_back(Trimmed(field));
  return fields;
}

/// Reports are in UTF-8, and a name with a control character is a mistake.
bool IsPrintableUtf8(const std::string& text) {
  const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  const auto replaced =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
  const auto whole =
      nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return printable && replaced == whole;
}

template <typename Number>
bool Parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

/// Fills `call`, or says why the row does not count, without its fields: with columns mixed up any
/// of them may name a patient.
std::optional<std::string> ParseRow(const std::vector<std::string>& fields,
                                    std::size_t columns,
                                    ReaderCall& call) {
  if (fields.size() != columns) {
    return std::to_string(fields.size()) + " fields, the first line has " + std::to_string(columns);
  }
  call.patient = fields[0];
  call.reader = fields[2];
  if (call.patient.empty() || call.reader.empty()) {
    return "no patient or no reader";
  }
  if (!IsPrintableUtf8(call.reader)) {
    return "the reader's name is not UTF-8, or has a control character";
  }
  if (!Parse(fields[1], call.node) || call.node < 1) {
    return "node is not a number from 1 on";
  }
  if (fields[3] != "benign" && fields[3] != "metastatic") {
    return "call is neither benign nor metastatic";
  }
  call.malignant = fields[3] == "metastatic";
  if (columns > 4 && !fields[4].empty()) {
    double score = 0;
    if (!Parse(fields[4], score) || !std::isfinite(score)) {
      return "score is not a number";
    }
    call.score = score;
  }
  return std::nullopt;
}

/// Index of each node of the data by patient and number; -1 where studies of one patient both have
/// such a node.
std::map<std::pair<std::string, int>, int> NodesByName(const Answers& answers) {
  std::map<std::pair<std::string, int>, int> nodes;
  for (std::size_t i = 0; i < answers.nodes.size(); ++i) {
    const auto& node = answers.nodes[i];
    const auto& patient = answers.patient_names[static_cast<std::size_t>(node.patient)];
    const auto [at, is_new] = nodes.try_emplace({patient, node.number}, static_cast<int>(i));
    if (!is_new) {
      at->second = -1;
    }
  }
  return nodes;
}

/// A call of a node of the data.
struct PlacedCall {
  ReaderCall call;
  int node = 0;
};

std::map<std::string, std::vector<PlacedCall>> PlaceCalls(const ReaderFile& file,
                                                          const Answers& answers,
                                                          std::vector<BadRow>& bad) {
  const auto nodes = NodesByName(answers);
  std::set<std::pair<std::string, int>> seen;
  std::map<std::string, std::vector<PlacedCall>> calls;
  for (const ReaderCall& call : file.calls) {
    const auto node = nodes.find({call.patient, call.node});
    if (node == nodes.end()) {
      bad.push_back({call.line, "no slice that was measured has such a node of this patient"});
    } else if (node->second < 0) {
      bad.push_back({call.line, "the patient has several studies with a node of this number"});
    } else if (!seen.emplace(call.reader, node->second).second) {
      bad.push_back({call.line, "this reader has called this node before"});
    } else {
      calls[call.reader].push_back({call, node->second});
    }
  }
  return calls;
}

void Count(models::ClassifierFigures& figures, bool truth, bool called) {
  if (truth) {
    ++(called ? figures.true_positives : figures.false_negatives);
  } else {
    ++(called ? figures.false_positives : figures.true_negatives);
  }
}

void FillRates(models::ClassifierFigures& figures) {
  const auto positives = figures.true_positives + figures.false_negatives;
  const auto negatives = figures.true_negatives + figures.false_positives;
  figures.accuracy = models::WilsonInterval(figures.true_positives + figures.true_negatives,
                                            positives + negatives);
  figures.sensitivity = models::WilsonInterval(figures.true_positives, positives);
  figures.specificity = models::WilsonInterval(figures.true_negatives, negatives);
}

/// Discordant cases of a reader and the model.
struct Discordant {
  std::int64_t reader = 0, model = 0;
  void Add(bool reader_right, bool model_right) {
    reader += reader_right && !model_right ? 1 : 0;
    model += model_right && !reader_right ? 1 : 0;
  }
};

ReaderFigures FiguresOf(const std::string& reader,
                        const std::vector<PlacedCall>& calls,
                        const Answers& answers,
                        const std::map<int, bool>& model_calls) {
  ReaderFigures result;
  result.reader = reader;
  result.has_scores = std::all_of(
      calls.begin(), calls.end(), [](const auto& placed) { return placed.call.score.has_value(); });
  std::vector<double> positives;
  std::vector<double> negatives;
  Discordant both;
  Discordant all;
  for (const auto& [call, number] : calls) {
    const bool truth = answers.nodes[static_cast<std::size_t>(number)].malignant;
    Count(result.figures, truth, call.malignant);
    if (result.has_scores) {
      (truth ? positives : negatives).push_back(*call.score);
    }
    const auto model = model_calls.find(number);
    const bool is_found = model != model_calls.end();
    const bool model_call = is_found && model->second;
    all.Add(call.malignant == truth, model_call == truth);
    if (is_found) {
      Count(result.model, truth, model_call);
      both.Add(call.malignant == truth, model_call == truth);
    } else {
      ++result.not_found;
    }
  }
  FillRates(result.figures);
  FillRates(result.model);
  if (result.has_scores) {
    result.figures.auc = models::AucWithInterval(positives, negatives);
  }
  result.test = models::McNemarExact(both.reader, both.model);
  result.missed_as_benign = models::McNemarExact(all.reader, all.model);
  return result;
}

/// Mean of a rate over the readers that have one.
template <typename Has>
double MeanOver(const std::vector<ReaderFigures>& readers,
                Has has,
                models::Interval models::ClassifierFigures::*rate) {
  double sum = 0;
  int count = 0;
  for (const auto& reader : readers) {
    if (has(reader.figures)) {
      sum += (reader.figures.*rate).value;
      ++count;
    }
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

ReaderFile ReadReaders(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw Error(ErrorCode::kNotFound, "cannot open " + path.string());
  }
  ReaderFile result;
  std::size_t columns = 0;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) {
      line.erase(0, 3);
    }
    if (Trimmed(line).empty()) {
      continue;
    }
    const auto fields = FieldsOf(line);
    if (columns == 0) {
      std::vector<std::string> wanted = {"patient", "node", "reader", "call"};
      if (fields.size() == 5) {
        wanted.emplace_back("score");
      }
      if (fields != wanted) {
        throw Error(ErrorCode::kParse,
                    path.string() + ": the first line is not patient,node,reader,call[,score]");
      }
      columns = fields.size();
      continue;
    }
    ReaderCall call;
    call.line = number;
    if (const auto reason = ParseRow(fields, columns, call)) {
      result.bad.push_back({number, *reason});
    } else {
      result.calls.push_back(std::move(call));
    }
  }
  if (columns == 0) {
    throw Error(ErrorCode::kParse, path.string() + " is empty");
  }
  return result;
}

ReaderComparison CompareWithReaders(const ReaderFile& file,
                                    const Answers& answers,
                                    const Thresholds& thresholds) {
  std::map<int, bool> model_calls;
  const auto judged = JudgedAt(answers, thresholds.detection_score);
  for (std::size_t i = 0; i < judged.nodes.size(); ++i) {
    const double probability = 1 / (1 + std::exp(-judged.nodes[i].logit / thresholds.temperature));
    model_calls[judged.node_numbers[i]] = probability >= thresholds.malignant_probability;
  }
  ReaderComparison comparison;
  comparison.bad = file.bad;
  const auto calls = PlaceCalls(file, answers, comparison.bad);
  std::sort(comparison.bad.begin(), comparison.bad.end(), [](const auto& a, const auto& b) {
    return a.line < b.line;
  });
  for (const auto& [reader, of_reader] : calls) {
    comparison.readers.push_back(FiguresOf(reader, of_reader, answers, model_calls));
  }
  const auto of = [](std::int64_t yes, std::int64_t no) { return yes + no > 0; };
  comparison.mean_accuracy = MeanOver(
      comparison.readers, [](const auto&) { return true; }, &models::ClassifierFigures::accuracy);
  comparison.mean_sensitivity = MeanOver(
      comparison.readers,
      [&](const auto& figures) { return of(figures.true_positives, figures.false_negatives); },
      &models::ClassifierFigures::sensitivity);
  comparison.mean_specificity = MeanOver(
      comparison.readers,
      [&](const auto& figures) { return of(figures.true_negatives, figures.false_positives); },
      &models::ClassifierFigures::specificity);
  return comparison;
}

}  // namespace necknode::training
