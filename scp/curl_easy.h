#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <string>

#include <curl/curl.h>

#include "core/error.h"

namespace necknode::scp {

/// A list of lines that libcurl borrows.
class CurlLines {
 public:
  ~CurlLines() { curl_slist_free_all(list_); }
  CurlLines() = default;
  CurlLines(const CurlLines&) = delete;
  CurlLines& operator=(const CurlLines&) = delete;
  void Add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) {
      throw std::bad_alloc();
    }
    list_ = longer;
  }
  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// A libcurl handle with what holds for all that necknode asks of servers: no redirect is followed,
/// no proxy used, whatever the environment says, no signal raised, TLS 1.2 at least. Not thread
/// safe.
class CurlEasy {
 public:
  CurlEasy() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    curl_.reset(curl_easy_init());
    if (curl_ == nullptr) {
      throw std::bad_alloc();
    }
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  }

  /// Throws Error(kInternal) where this libcurl does not know the option.
  template <typename Value>
  void Set(CURLoption option, Value value) {
    // In parentheses: the function, not the macro that wants constant options.
    const CURLcode code = (curl_easy_setopt)(curl_.get(), option, value);
    if (code != CURLE_OK) {
      throw Error(ErrorCode::kInternal,
                  "libcurl option " + std::to_string(option) + ": " + curl_easy_strerror(code));
    }
  }

  template <typename Value>
  [[nodiscard]] Value Info(CURLINFO what) const {
    Value value{};
    (curl_easy_getinfo)(curl_.get(), what, &value);
    return value;
  }

  [[nodiscard]] CURLcode Perform() { return curl_easy_perform(curl_.get()); }

 private:
  struct Free {
    void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  };
  std::unique_ptr<CURL, Free> curl_;
};

}  // namespace necknode::scp
