#include "admin/process_figures.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace necknode::admin {
namespace {

std::string FirstLine(const char* file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

// Since the epoch; 0 where it is not told.
double BootTime() {
  std::ifstream stream("/proc/stat");
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("btime ")) {
      return std::stod(line.substr(6));
    }
  }
  return 0;
}

}  // namespace

std::vector<CounterSample> ProcessFigures() {
  std::vector<CounterSample> samples;
  const auto add = [&](const char* name, double value) { samples.push_back({name, {}, value}); };
  // proc(5): the name in parentheses may hold anything; the fields behind it are numbered from 3.
  const std::string stat = FirstLine("/proc/self/stat");
  std::istringstream stream(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  const std::vector<std::string> fields{std::istream_iterator<std::string>(stream), {}};
  const auto field = [&](std::size_t number) { return std::stod(fields.at(number - 3)); };
  constexpr std::size_t kUserTime = 14, kSystemTime = 15, kStart = 22, kVirtual = 23,
                        kResident = 24;
  if (fields.size() > kResident - 3) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    add("process_cpu_seconds_total", (field(kUserTime) + field(kSystemTime)) / ticks);
    add("process_virtual_memory_bytes", field(kVirtual));
    add("process_resident_memory_bytes",
        field(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
    if (const double boot = BootTime(); boot > 0) {
      add("process_start_time_seconds", boot + field(kStart) / ticks);
    }
  }
  std::error_code error;
  const std::filesystem::directory_iterator descriptors("/proc/self/fd", error);
  if (!error) {
    add("process_open_fds",
        static_cast<double>(std::distance(begin(descriptors), end(descriptors))));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", static_cast<double>(limit.rlim_cur));
  }
  return samples;
}

}  // namespace necknode::admin
