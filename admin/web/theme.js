// Runs before the first paint, so that no other theme flashes up. A classic script for that reason.
(function () {
  const kKey = "necknode.theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem(kKey) || "system";
    } catch {
      return "system";
    }
  };
  const apply = () => {
    const choice = kept();
    document.documentElement.dataset.theme = choice === "system" ? (dark.matches ? "dark" : "light") : choice;
  };
  dark.addEventListener("change", apply);
  apply();
  window.necknodeTheme = {
    choice: kept,
    choose(choice) {
      try {
        localStorage.setItem(kKey, choice);
      } catch {
        // Without storage the choice lasts as long as the page.
      }
      apply();
      if (kept() !== choice && choice !== "system") document.documentElement.dataset.theme = choice;
    },
  };
})();
