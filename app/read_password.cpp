#include "app/read_password.h"

#include <cstdio>
#include <fstream>
#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "core/error.h"

namespace necknode::app {
namespace {

std::string FirstLine(std::istream& from) {
  std::string line;
  std::getline(from, line);
  if (line.ends_with('\r')) {
    line.pop_back();
  }
  return line;
}

/// Shows nothing of what is typed, until the end of the scope.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) {
      throw Error(ErrorCode::kInvalidArgument,
                  "there is no terminal to type a password at: give --password-file");
    }
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
};

std::string Ask(const char* prompt) {
  std::fputs(prompt, stderr);
  std::string line = FirstLine(std::cin);
  std::fputs("\n", stderr);
  return line;
}

}  // namespace

std::string ReadNewPassword(const std::string& file) {
  if (file == "-") {
    return FirstLine(std::cin);
  }
  if (!file.empty()) {
    std::ifstream from(file);
    if (!from) {
      throw Error(ErrorCode::kNotFound, "cannot read " + file);
    }
    return FirstLine(from);
  }
  const SilentTerminal silent;
  std::string password = Ask("New password: ");
  if (Ask("Once more: ") != password) {
    throw Error(ErrorCode::kInvalidArgument, "the two are not the same");
  }
  return password;
}

}  // namespace necknode::app
