// Everything here is a comfort: every page works without it.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, PasswordInput, Radios, ServiceNavigation,
  SkipLink, Tabs, createAll, isSupported,
} from "./govuk-frontend.min.js";

if (isSupported()) {
  [Button, CharacterCount, Checkboxes, ErrorSummary, PasswordInput, Radios, ServiceNavigation,
    SkipLink, Tabs].forEach((component) => createAll(component));
}

// ── Quick exit (rule R19): clears the screen at once, ends the session, and
// stays on the neutral page that travelled with this one if the network is down.
const exit = document.querySelector("[data-quick-exit]");
let leaving = false;

function showNeutralPage() {
  const neutral = document.getElementById("quick-exit-page");
  document.documentElement.classList.add("casemgr-blank");
  document.querySelectorAll("form").forEach((form) => form.reset());
  document.body.replaceChildren(neutral ? neutral.content.cloneNode(true) : "");
  document.body.className = "govuk-template__body js-enabled";
  document.documentElement.classList.remove("casemgr-blank");
  window.scrollTo(0, 0);
}

function leave() {
  if (leaving) return;
  leaving = true;
  const { action, dataset } = exit;
  showNeutralPage();
  history.replaceState(null, "", dataset.quickExit);
  fetch(action, { method: "POST", keepalive: true, redirect: "manual", credentials: "same-origin" })
    .then(() => location.replace(dataset.quickExit))
    .catch(() => {}); // no network: the neutral page is already here
}

if (exit) {
  let presses = 0;
  let forget = 0;
  exit.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = 0;
      return;
    }
    presses += 1;
    clearTimeout(forget);
    forget = setTimeout(() => { presses = 0; }, 3000);
    if (presses >= 3) leave();
  });
}

// A page that comes back out of the browser's memory asks the server anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// ── What was opened for a moment goes away by itself (rule R7: 60 seconds).
document.querySelectorAll("[data-hide-after]").forEach((shown) => {
  const seconds = Number(shown.dataset.hideAfter) || 60;
  setTimeout(() => {
    shown.replaceChildren(shown.dataset.hiddenText || "");
    if (shown.dataset.hideUrl) location.replace(shown.dataset.hideUrl);
  }, seconds * 1000);
});

// ── One click sends once; the server would refuse the second copy anyway.
document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", "true"));
    setTimeout(() => {
      delete form.dataset.sent;
      form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
    }, 10000);
  });
});

// ── Printing is asked for by a button that exists only where scripts run.
document.querySelectorAll("button[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
