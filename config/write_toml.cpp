#include "config/write_toml.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include "core/digest.h"

namespace necknode::config {
namespace {

constexpr std::size_t kDigestDigits = 16;

/// The lines of one table.
class Lines {
 public:
  explicit Lines(const std::string& header) : text_(header + "\n") {}

  void Text(const char* key, const std::string& value) { Raw(key, Quoted(value)); }
  void TextIfAny(const char* key, const std::string& value) {
    if (!value.empty()) {
      Text(key, value);
    }
  }
  void Flag(const char* key, bool value) { Raw(key, value ? "true" : "false"); }
  void Whole(const char* key, long value) { Raw(key, std::to_string(value)); }
  void Real(const char* key, double value) { Raw(key, FloatText(value)); }
  void Texts(const char* key, const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& value : values) {
      list += (list.empty() ? "" : ", ") + Quoted(value);
    }
    Raw(key, "[" + list + "]");
  }
  void Append(const Lines& table) { text_ += "\n" + table.text_; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void Raw(const char* key, const std::string& value) {
    text_.append(key).append(" = ").append(value).append("\n");
  }

  std::string text_;
};

template <typename Item>
void Append(std::string& text, const std::vector<Item>& items) {
  for (const Item& item : items) {
    text += (text.empty() ? "" : "\n") + ToToml(item);
  }
}

std::string Short(const std::string& text) { return Sha256Of(text).substr(0, kDigestDigits); }

}  // namespace

std::string ToToml(const OwnAe& ae) {
  Lines lines("[[ae]]");
  lines.Text("title", ae.title);
  lines.Text("description", ae.description);
  lines.Text("tls", ae.tls);
  return lines.text();
}

std::string ToToml(const Peer& peer) {
  Lines lines("[[peer]]");
  lines.Text("name", peer.name);
  const bool dimse = peer.url.empty();
  if (dimse || !peer.ae_title.empty()) {
    lines.Text("ae_title", peer.ae_title);
  }
  if (dimse || !peer.host.empty()) {
    lines.Text("host", peer.host);
  }
  lines.Whole("port", peer.port);
  lines.TextIfAny("url", peer.url);
  lines.TextIfAny("user", peer.user);
  lines.TextIfAny("password_file", peer.password_file.string());
  lines.TextIfAny("token_file", peer.token_file.string());
  lines.Flag("tls", peer.tls);
  lines.Flag("may_send", peer.may_send);
  lines.Flag("case_insensitive", peer.case_insensitive);
  lines.Flag("accept_non_clinical", peer.accept_non_clinical);
  lines.Flag("storage_commitment", peer.storage_commitment);
  lines.Flag("verify_count", peer.verify_count);
  lines.Text("sr_sop_class", peer.sr_sop_class);
  return lines.text();
}

std::string ToToml(const Route& route) {
  Lines lines("[[route]]");
  lines.Text("name", route.name);
  lines.Text("called_ae", route.called_ae);
  lines.Text("calling_ae", route.calling_ae);
  lines.Text("package", route.package);
  lines.Text("shadow", route.shadow);
  lines.Text("intended_use", route.intended_use);
  lines.Text("on_not_eligible", route.on_not_eligible);
  lines.Text("levels", route.levels);
  lines.Flag("compare_prior", route.compare_prior);
  Lines series("[route.series]");
  series.Whole("min_slices", route.min_slices);
  series.Whole("max_slices", route.max_slices);
  series.Real("min_slice_thickness_mm", route.min_slice_thickness_mm);
  series.Real("max_slice_thickness_mm", route.max_slice_thickness_mm);
  series.Texts("body_parts", route.body_parts);
  series.Texts("include_description", route.include_description);
  series.Texts("exclude_description", route.exclude_description);
  series.Texts("preferred_kernels", route.preferred_kernels);
  series.Text("contrast", route.contrast);
  lines.Append(series);
  for (const Route::Output& output : route.outputs) {
    Lines table("[[route.output]]");
    table.Text("peer", output.peer);
    table.Flag("sr", output.sr);
    table.Flag("gsps", output.gsps);
    table.Flag("sc", output.sc);
    lines.Append(table);
  }
  return lines.text();
}

std::string ToToml(const Tables& tables) {
  std::string text;
  Append(text, tables.ae);
  Append(text, tables.peers);
  Append(text, tables.routes);
  return text;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted.append(1, '\\').append(1, c);
    } else if (code < 0x20 || code == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(code));
      quoted += escape.data();
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string FloatText(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  std::string shortest(text.data(), end);
  const bool whole = shortest.find_first_of(".e") == std::string::npos;
  return whole ? shortest + ".0" : shortest;
}

template <typename Item>
std::string DigestOf(const Item& item) {
  return Short(ToToml(item));
}
template std::string DigestOf(const OwnAe& ae);
template std::string DigestOf(const Peer& peer);
template std::string DigestOf(const Route& route);
template std::string DigestOf(const Tables& tables);

}  // namespace necknode::config
