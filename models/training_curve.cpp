#include "models/training_curve.h"

#include <charconv>
#include <fstream>
#include <locale>
#include <sstream>
#include <utility>

#include "core/error.h"
#include "models/replaced_file.h"

namespace necknode::models {
namespace {

constexpr std::size_t kFirstPart = 3;  // step, learning_rate, loss stand before the parts

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  for (std::size_t end = text.find(separator); end != std::string::npos;
       end = text.find(separator, begin)) {
    fields.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  fields.push_back(text.substr(begin));
  return fields;
}

double Number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) {
    throw Error(ErrorCode::kParse, "'" + text + "' is not a number");
  }
  return value;
}

TrainingReport ReportOf(const std::string& line, const std::vector<std::string>& header) {
  const auto fields = Split(line, ',');
  if (fields.size() != header.size()) {
    throw Error(ErrorCode::kParse,
                std::to_string(fields.size()) + " columns, the header has " +
                    std::to_string(header.size()));
  }
  TrainingReport report;
  report.step = static_cast<std::int64_t>(Number(fields[0]));
  report.learning_rate = Number(fields[1]);
  report.loss = Number(fields[2]);
  for (std::size_t i = kFirstPart; i + 1 < fields.size(); ++i) {
    report.losses.emplace_back(header[i], Number(fields[i]));
  }
  for (const auto& figure : Split(fields.back(), ' ')) {
    const auto equals = figure.find('=');
    if (equals != std::string::npos) {
      report.validation.emplace_back(figure.substr(0, equals), Number(figure.substr(equals + 1)));
    }
  }
  return report;
}

}  // namespace

TrainingCurve::TrainingCurve(std::filesystem::path path, std::int64_t from_step)
    : path_(std::move(path)) {
  std::ifstream old(path_);
  for (std::string line; from_step > 0 && std::getline(old, line);) {
    std::int64_t step = 0;  // of the header, which is kept
    std::from_chars(line.data(), line.data() + line.size(), step);
    if (step <= from_step) {
      text_ += line + '\n';
    }
  }
}

void TrainingCurve::Add(const TrainingReport& report) {
  std::ostringstream row;
  row.imbue(std::locale::classic());
  if (text_.empty()) {
    row << "step,learning_rate,loss";
    for (const auto& [name, value] : report.losses) {
      row << ',' << name;
    }
    row << ",validation\n";
  }
  row << report.step << ',' << report.learning_rate << ',' << report.loss;
  for (const auto& [name, value] : report.losses) {
    row << ',' << value;
  }
  row << ',';
  for (std::size_t i = 0; i < report.validation.size(); ++i) {
    row << (i > 0 ? " " : "") << report.validation[i].first << '=' << report.validation[i].second;
  }
  text_ += row.str() + '\n';
  ReplaceFile(path_, text_, false);
}

void TrainingCurve::Sync() { ReplaceFile(path_, text_); }

std::vector<TrainingReport> ReadCurve(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    throw Error(ErrorCode::kNotFound, "cannot open " + path.string());
  }
  std::vector<TrainingReport> reports;
  std::vector<std::string> header;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (header.empty()) {
      header = Split(line, ',');
      continue;
    }
    try {
      reports.push_back(ReportOf(line, header));
    } catch (const Error& error) {
      throw Error(ErrorCode::kParse,
                  path.string() + ", line " + std::to_string(number) + ": " + error.what());
    }
  }
  return reports;
}

}  // namespace necknode::models
