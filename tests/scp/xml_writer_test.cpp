#include "scp/xml_writer.h"

#include <gtest/gtest.h>

#include "tests/scp/xml_reader.h"

namespace necknode::scp::tests {
namespace {

std::string Document(const std::string& value) {
  XmlWriter writer;
  writer.Open("a").Attribute("b", value).Open("c").Text(value);
  return std::move(writer).Take();
}

TEST(XmlWriter, WhatIsWrittenIsReadBack) {
  const std::string value = "\"]]>&<' \t end -- <!-- &amp; \xC3\xA4\xE6\x97\xA5\xF0\x9F\xA9\xBB";
  const XmlReader read(Document(value));
  EXPECT_EQ(read.Value("/a/@b"), value);
  EXPECT_EQ(read.Value("/a/c"), value);
  EXPECT_EQ(XmlReader(Document("1\r\n2")).Value("/a/@b"), "1\r\n2");
}

TEST(XmlWriter, ClosesWhatIsOpen) {
  XmlWriter writer;
  writer.Open("a").Open("b").Close().Open("c").Text("x").Close();
  EXPECT_EQ(std::move(writer).Take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a><b/><c>x</c></a>");
}

TEST(XmlWriter, EveryByteAloneAndAfterALeadByteGivesWellFormedXml) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    for (const char lead : {'a', '\xC3', '\xE0', '\xED', '\xF0', '\xF4', '\xFE'}) {
      all.append(1, lead).append(1, c);
    }
  }
  const XmlReader read(Document(all));
  EXPECT_EQ(read.Count("/a/c"), 1) << read.Value("/a/c");
  EXPECT_TRUE(IsXmlText(XmlCharacters(all)));
}

TEST(XmlCharacters, ReplacesWhatIsNoCharacterOfXml) {
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(XmlCharacters("\x01"), replaced);
  EXPECT_EQ(XmlCharacters(std::string(1, '\0')), replaced);
  EXPECT_EQ(XmlCharacters("\xC0\xAF"), replaced + replaced) << "an overlong slash";
  EXPECT_EQ(XmlCharacters("\xED\xA0\x80"), replaced + replaced + replaced) << "a surrogate";
  EXPECT_EQ(XmlCharacters("\xEF\xBF\xBE"), replaced) << "U+FFFE";
  EXPECT_EQ(XmlCharacters("a\xE6\x97"), "a" + replaced + replaced) << "cut off";
  EXPECT_EQ(XmlCharacters("\xF4\x90\x80\x80").size(), 12U) << "above U+10FFFF";
  EXPECT_FALSE(IsXmlText("a\x1B"));
  EXPECT_TRUE(IsXmlText("\xC3\xA4"));
}

}  // namespace
}  // namespace necknode::scp::tests
