#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include "app/commands.h"
#include "app/node_options.h"

namespace necknode::app {
namespace {

struct ReleaseArguments {
  NodeOptions node;
  std::vector<std::int64_t> ids;
};

template <typename Work>
void AddForIds(CLI::App& cli,
               const char* name,
               const char* help,
               const char* id_name,
               const char* id_help,
               Work work) {
  auto* command = cli.add_subcommand(name, help);
  auto arguments = std::make_shared<ReleaseArguments>();
  arguments->node.AddTo(*command);
  command->add_option(id_name, arguments->ids, id_help)->required()->check(CLI::PositiveNumber);
  command->callback([arguments, work] {
    const auto store = OpenStore(arguments->node.Load(), true);
    for (const std::int64_t id : arguments->ids) {
      work(*store, id);
    }
  });
}

}  // namespace

void AddRelease(CLI::App& cli) {
  AddForIds(
      cli,
      "release",
      "Send results again: rows of the outbox that are parked or delivered. One that waits is "
      "due at once",
      "ROW",
      "Numbers of rows, as `necknode status` prints them",
      [](storage::Store& store, std::int64_t row) {
        store.outbox().Release(row, storage::ProcessUser());
        std::printf("outbox row %lld is sent again\n", static_cast<long long>(row));
      });
}

void AddRequeue(CLI::App& cli) {
  AddForIds(cli,
            "requeue",
            "Run jobs again that are parked, failed, cancelled or not eligible",
            "JOB",
            "Numbers of jobs, as `necknode status` prints them",
            [](storage::Store& store, std::int64_t job) {
              store.jobs().Requeue(job, storage::ProcessUser());
              std::printf("job %lld is queued again\n", static_cast<long long>(job));
            });
}

}  // namespace necknode::app
