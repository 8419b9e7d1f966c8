// Runs before the panel: mends what would stop it from loading, and says so when it does not load.
(function () {
  // WebKitGTK under LANG=C.UTF-8 reports the language "C", which Intl refuses with a RangeError.
  try {
    new Intl.NumberFormat(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
    Object.defineProperty(navigator, "languages", { value: ["en-US"], configurable: true });
  }

  var theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("covey.appearance") || "{}").theme;
  } catch {
    // Without storage the system decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  var faults = [];
  function note(event) {
    faults.push(
      String(event.message || event.reason || (event.target && event.target.src) || event.type),
    );
  }
  addEventListener("error", note, true);
  addEventListener("unhandledrejection", note);

  function explain() {
    if (document.documentElement.dataset.mounted) return;
    var box = document.createElement("main");
    box.className = "boot-fault";
    var title = document.createElement("h1");
    title.textContent = "The panel did not start";
    var text = document.createElement("p");
    text.textContent =
      "Your node and its agents are not affected. Reload the page; if that does not help, restart Covey and report the text below.";
    var detail = document.createElement("pre");
    detail.textContent = faults.join("\n") || "The script did not finish loading within 5 s.";
    box.append(title, text, detail);
    document.body.append(box);
  }
  addEventListener("DOMContentLoaded", function () {
    setTimeout(explain, 5000);
  });
})();
