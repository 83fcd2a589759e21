#include "dicom_io/scanner.h"

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "dicom_io/element_parser.h"
#include "dicom_io/header_builder.h"
#include "dicom_io/inflater.h"
#include "dicom_io/part10.h"
#include "dicom_io/transfer_syntax.h"

namespace necknode::dicom_io {

struct DatasetScanner::State {
  explicit State(const Uid& transfer_syntax)
      : headers(transfer_syntax), parser(EncodingOf(transfer_syntax), headers) {
    if (transfer_syntax.value() == kDeflatedExplicitLittleEndian) {
      inflater.emplace(parser);
    }
  }
  HeaderBuilder headers;
  ElementParser parser;
  std::optional<Inflater> inflater;
  std::optional<Error> failure;
};

DatasetScanner::DatasetScanner(const Uid& transfer_syntax)
    : state_(std::make_unique<State>(transfer_syntax)) {}
DatasetScanner::~DatasetScanner() = default;
DatasetScanner::DatasetScanner(DatasetScanner&&) noexcept = default;
DatasetScanner& DatasetScanner::operator=(DatasetScanner&&) noexcept = default;

void DatasetScanner::Feed(std::span<const std::byte> bytes) {
  if (state_->failure) {
    return;
  }
  try {
    if (state_->inflater) {
      state_->inflater->Feed(bytes);
    } else {
      state_->parser.Feed(bytes);
    }
  } catch (const Error& error) {
    state_->failure = error;
  }
}

const InstanceHeader& DatasetScanner::header() const { return state_->headers.header(); }

InstanceHeader DatasetScanner::Finish() {
  if (state_->failure) {
    throw Error(*state_->failure);
  }
  if (state_->inflater) {
    state_->inflater->Finish();
  }
  state_->parser.Finish();
  return state_->headers.Finish();
}

InstanceHeader ScanBytes(std::span<const std::byte> file) {
  const Part10 parts = SplitPart10(file);
  DatasetScanner scanner(parts.transfer_syntax_uid);
  scanner.Feed(file.subspan(parts.dataset_offset));
  return scanner.Finish();
}

InstanceHeader ScanFile(const std::filesystem::path& path) {
  constexpr std::size_t kPieceBytes = 256 * 1024;
  static_assert(kPieceBytes >= kPart10PrefixBytes);
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(ErrorCode::kNotFound, "cannot open " + path.filename().string());
  }
  std::vector<std::byte> piece(kPieceBytes);
  const auto read = [&] {
    file.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
    if (file.bad()) {
      throw Error(ErrorCode::kNotFound, "cannot read " + path.filename().string());
    }
    return std::span<const std::byte>(piece).first(static_cast<std::size_t>(file.gcount()));
  };
  std::span<const std::byte> bytes = read();
  const Part10 parts = SplitPart10(bytes);
  DatasetScanner scanner(parts.transfer_syntax_uid);
  for (bytes = bytes.subspan(parts.dataset_offset); !bytes.empty(); bytes = read()) {
    scanner.Feed(bytes);
  }
  return scanner.Finish();
}

}  // namespace necknode::dicom_io
