#include <memory>

#include "app/commands.h"
#include "app/listing.h"
#include "app/rows_text.h"

namespace necknode::app {

void AddModels(CLI::App& cli) {
  auto* command = cli.add_subcommand(
      "models", "List the model packages as the worker found them, and the routes that use each");
  auto arguments = std::make_shared<ListingArguments>();
  arguments->AddTo(*command, false);
  command->callback([arguments] {
    const LocalApi api(arguments->node);
    const nlohmann::json models = api.Items("/models", {}, 0);
    PrintList(models, arguments->as_json, "model package", nullptr, PrintModel);
  });
}

}  // namespace necknode::app
