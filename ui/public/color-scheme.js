// Runs before the first paint, so that a dark page never flashes white.
// A file of its own because the content security policy forbids inline scripts.
(function () {
  var stored = null;
  try {
    stored = localStorage.getItem("fanfold-color-scheme");
  } catch {
    // Storage may be blocked: the system's preference decides.
  }
  var dark =
    stored === "dark" ||
    (stored !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
