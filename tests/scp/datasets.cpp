#include "tests/scp/datasets.h"

#include <utility>

#include "scp/bytes.h"
#include "scp/incoming_object.h"

namespace necknode::scp::tests {
namespace {

class DatasetWriter {
 public:
  explicit DatasetWriter(bool explicit_vr) : explicit_vr_(explicit_vr) {}

  void Text(unsigned group, unsigned element, std::string_view vr, std::string value) {
    if (value.size() % 2 != 0) {
      value.push_back(vr == "UI" ? '\0' : ' ');
    }
    Head(group, element, vr, value.size());
    writer_.Text(value);
  }
  void Number(unsigned group, unsigned element, unsigned value) {
    Head(group, element, "US", 2);
    writer_.U16LittleEndian(value);
  }
  void Pixels(std::size_t count) {
    writer_.U16LittleEndian(0x7FE0);
    writer_.U16LittleEndian(0x0010);
    if (explicit_vr_) {
      writer_.Text("OW");
      writer_.U16LittleEndian(0);
    }
    writer_.U32LittleEndian(count);
    writer_.Zeros(count);
  }
  std::vector<std::byte> Take() { return std::move(writer_).Take(); }

 private:
  void Head(unsigned group, unsigned element, std::string_view vr, std::size_t length) {
    writer_.U16LittleEndian(group);
    writer_.U16LittleEndian(element);
    if (explicit_vr_) {
      writer_.Text(vr);
      writer_.U16LittleEndian(length);
    } else {
      writer_.U32LittleEndian(length);
    }
  }

  bool explicit_vr_;
  ByteWriter writer_;
};

}  // namespace

std::vector<std::byte> DatasetOf(const CtImage& image) {
  DatasetWriter writer(image.explicit_vr);
  const auto identifying = [&](unsigned group, unsigned element, std::string_view vr) {
    if (!image.identity.empty()) {
      writer.Text(group, element, vr, image.identity);
    }
  };
  if (!image.character_set.empty()) {
    writer.Text(0x0008, 0x0005, "CS", image.character_set);
  }
  writer.Text(0x0008, 0x0016, "UI", image.sop_class_uid);
  writer.Text(0x0008, 0x0018, "UI", image.sop_instance_uid);
  identifying(0x0008, 0x0050, "SH");
  writer.Text(0x0008, 0x0060, "CS", "CT");
  identifying(0x0008, 0x0080, "LO");
  identifying(0x0008, 0x0090, "PN");
  identifying(0x0008, 0x1030, "LO");
  identifying(0x0008, 0x103E, "LO");
  writer.Text(0x0010, 0x0010, "PN", image.identity.empty() ? "TEST^RECEIVER" : image.identity);
  writer.Text(0x0010, 0x0020, "LO", image.patient_id);
  identifying(0x0010, 0x0021, "LO");
  identifying(0x0010, 0x0030, "DA");
  identifying(0x0010, 0x1000, "LO");
  identifying(0x0010, 0x1001, "PN");
  identifying(0x0010, 0x1040, "LO");
  identifying(0x0010, 0x2154, "SH");
  identifying(0x0010, 0x4000, "LT");
  writer.Text(0x0020, 0x000D, "UI", image.study_instance_uid);
  writer.Text(0x0020, 0x000E, "UI", image.series_instance_uid);
  identifying(0x0020, 0x0010, "SH");
  writer.Text(0x0020, 0x0013, "IS", "1");
  writer.Number(0x0028, 0x0010, 16);
  writer.Number(0x0028, 0x0011, 16);
  writer.Pixels(image.pixel_bytes);
  return writer.Take();
}

std::vector<std::byte> FileOf(const CtImage& image) {
  auto file = EncodePart10Header({Uid(image.sop_class_uid),
                                  Uid(image.sop_instance_uid),
                                  Uid(image.explicit_vr ? kExplicit : kImplicit),
                                  "TEST",
                                  ""});
  const auto dataset = DatasetOf(image);
  file.insert(file.end(), dataset.begin(), dataset.end());
  return file;
}

CtImage Slice(int number) {
  CtImage image;
  image.sop_instance_uid = "1.2.3.4." + std::to_string(number);
  return image;
}

Outgoing::Alternative AlternativeOf(const std::string& sop_class, const std::string& sop_instance) {
  CtImage image;
  image.sop_class_uid = sop_class;
  image.sop_instance_uid = sop_instance;
  return {Uid(sop_class), Uid(sop_instance), FileOf(image)};
}

}  // namespace necknode::scp::tests
