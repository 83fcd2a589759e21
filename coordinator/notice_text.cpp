#include "coordinator/notice_text.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <map>

#include "core/digest.h"

namespace necknode::coordinator {
namespace {

std::string TimeText(WallTime time) {
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

// The folder has no JSON library, and needs but this much. What is not ASCII is left out: it comes
// from calling AE titles only.
std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    if (c >= 0x20 && c < 0x7F) {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Plain(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7F) {
      plain += c;
    }
  }
  return plain;
}

std::string Headline(const std::string& kind, int events) {
  const bool one = events == 1;
  const std::string count = std::to_string(events);
  if (kind == storage::kNoticeRowParked) {
    return one ? "a result could not be delivered and is parked"
               : count + " results could not be delivered and are parked";
  }
  if (kind == storage::kNoticeObjectQuarantined) {
    return one ? "a received object was put into quarantine"
               : count + " received objects were put into quarantine";
  }
  if (kind == storage::kNoticeJobFailed) {
    return one ? "an analysis failed" : count + " analyses failed";
  }
  if (kind == storage::kNoticeStudyParked) {
    return one ? "a study is parked" : count + " studies are parked";
  }
  if (kind == storage::kNoticeDiskReserve) {
    return "the disk is at its reserve: nothing is accepted until there is space";
  }
  if (kind == storage::kNoticeSuspiciousFinding) {
    return one ? "an analysis has a suspicious finding"
               : count + " analyses have suspicious findings";
  }
  return "this is a test";
}

std::string PageLink(std::string page_url, const std::string& place) {
  page_url.erase(page_url.find_last_not_of('/') + 1);
  return page_url.empty() ? "" : page_url.append("/#/").append(place);
}

// The list in which all of a kind stand.
std::string ListLink(const std::string& kind, const std::string& page_url) {
  const std::map<std::string, std::string> lists = {
      {storage::kNoticeObjectQuarantined, "quarantine"},
      {storage::kNoticeRowParked, "outbox?state=parked"},
      {storage::kNoticeJobFailed, "jobs"},
      {storage::kNoticeStudyParked, "studies?state=attention"},
      {storage::kNoticeSuspiciousFinding, "studies"}};
  const auto list = lists.find(kind);
  return PageLink(page_url, list == lists.end() ? "" : list->second);
}

std::string LinkOf(const storage::NoticeEvent& event, const std::string& page_url) {
  return event.study == 0 ? ListLink(event.kind, page_url)
                          : PageLink(page_url, "studies/" + std::to_string(event.study));
}

// `uid`: of the study, or empty.
std::string ItemJson(const storage::NoticeEvent& event,
                     const std::string& link,
                     const std::string& uid) {
  std::string json = "{\"time\":" + Quoted(TimeText(event.time));
  const auto number = [&](const char* name, std::int64_t value) {
    if (value != 0) {
      json += std::string(",\"") + name + "\":" + std::to_string(value);
    }
  };
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      json += std::string(",\"") + name + "\":" + Quoted(value);
    }
  };
  number("study", event.study);
  number("job", event.job);
  number("row", event.row);
  text("subject", event.subject);
  text("study_instance_uid", uid);
  text("link", link);
  return json + "}";
}

std::string ItemLine(const storage::NoticeEvent& event,
                     const std::string& link,
                     const std::string& uid) {
  std::string line = TimeText(event.time);
  const auto number = [&](const char* name, std::int64_t value) {
    if (value != 0) {
      line += std::string("  ") + name + " " + std::to_string(value);
    }
  };
  number("study", event.study);
  number("job", event.job);
  number("outbox row", event.row);
  for (const std::string& more : {Plain(event.subject), uid, link}) {
    line += more.empty() ? "" : "  " + more;
  }
  return line + "\n";
}

}  // namespace

NoticeText WriteNotice(const storage::NoticeMessage& message, const NoticeWording& wording) {
  const std::string headline = Headline(message.kind, message.events);
  NoticeText text;
  text.key = message.key;
  text.subject = "necknode " + Plain(wording.node) + ": " + headline;
  text.body = text.subject + "\n\n";
  std::string items;
  std::string link;
  for (const storage::NoticeEvent& event : message.items) {
    const std::string item_link = LinkOf(event, wording.page_url);
    const std::string uid = wording.include_study_uid ? event.study_instance_uid.value() : "";
    link = message.items.size() == 1 ? item_link : ListLink(message.kind, wording.page_url);
    items += (items.empty() ? "" : ",") + ItemJson(event, item_link, uid);
    text.body += ItemLine(event, item_link, uid);
  }
  const auto shown = static_cast<int>(message.items.size());
  if (message.events > shown) {
    text.body += "and " + std::to_string(message.events - shown) + " more\n";
  }
  text.body += "\nMessage " + message.key + ", kind " + message.kind + ".\n";
  text.json = "{\"id\":" + Quoted(message.key) + ",\"kind\":" + Quoted(message.kind) +
              ",\"time\":" + Quoted(TimeText(message.created)) +
              ",\"node\":" + Quoted(wording.node) + ",\"text\":" + Quoted(headline) +
              ",\"count\":" + std::to_string(message.events) +
              (link.empty() ? "" : ",\"link\":" + Quoted(link)) + ",\"items\":[" + items + "]}";
  return text;
}

storage::NoticeMessage TestNotice(WallTime now) {
  storage::NoticeMessage message;
  message.kind = "test";
  message.key = RandomHex(16);
  message.events = 1;
  message.created = now;
  storage::NoticeEvent event;
  event.kind = message.kind;
  event.time = now;
  message.items = {event};
  return message;
}

}  // namespace necknode::coordinator
