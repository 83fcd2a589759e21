#include "config/peers_file.h"

#include <sstream>

#include "config/parsed.h"
#include "config/table_reader.h"
#include "config/write_toml.h"
#include "core/digest.h"

namespace necknode::config {
namespace {

constexpr const char* kIntroduction =
    "# necknode's AE titles, peers and routes: the program writes this file, on the page or by\n"
    "# `necknode ae|peers|routes`. Who edits it by hand runs `necknode config reload` afterwards.\n"
    "# Earlier versions lie in the folder peers. Every key: config/necknode.toml.\n";
constexpr const char* kDigestKey = "# digest = ";

/// Of all but the line of the digest.
std::string DigestWithout(const std::string& text, std::size_t line_start) {
  const std::size_t line_end = text.find('\n', line_start);
  std::string rest = text.substr(0, line_start);
  if (line_end != std::string::npos) {
    rest += text.substr(line_end + 1);
  }
  return Sha256Of(rest);
}

std::size_t DigestLine(const std::string& text) {
  const std::size_t found = text.find(std::string("\n") + kDigestKey);
  return found == std::string::npos ? found : found + 1;
}

/// The lines `# key = value` before the first table, as TOML.
std::string HeaderOf(const std::string& text) {
  std::istringstream lines(text);
  std::string header, line;
  while (std::getline(lines, line) && line.starts_with('#')) {
    if (line.find(" = ") != std::string::npos) {
      header += line.substr(1) + "\n";
    }
  }
  return header;
}

}  // namespace

std::string WritePeersFile(const PeersFile& file) {
  const std::string header = kIntroduction + ("# generation = " + std::to_string(file.generation)) +
                             "\n# time = " + Quoted(file.time) + "\n# user = " + Quoted(file.user) +
                             "\n# comment = " + Quoted(file.comment) + "\n";
  const std::string body = "\n" + ToToml(file.tables);
  return header + kDigestKey + Quoted(Sha256Of(header + body)) + "\n" + body;
}

ReadPeersFile ParsePeersFile(const std::string& text) {
  ReadPeersFile read;
  const std::size_t digest_line = DigestLine(text);
  read.digest =
      digest_line == std::string::npos ? Sha256Of(text) : DigestWithout(text, digest_line);
  Parsed header;
  std::string digest;
  TableReader::ReadRoot(HeaderOf(text), header, [&](TableReader& table) {
    table.Integer("generation", read.file.generation, 1, 1'000'000'000);
    table.Text("time", read.file.time);
    table.Text("user", read.file.user);
    table.Text("comment", read.file.comment);
    table.Text("digest", digest);
  });
  read.intact = header.problems.empty() && digest == read.digest && read.file.generation > 0;
  Parsed body = ReadTablesToml(text);
  read.file.tables = body.config.GetTables();
  read.problems = std::move(body.problems);
  return read;
}

}  // namespace necknode::config
