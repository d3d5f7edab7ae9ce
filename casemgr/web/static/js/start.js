// Replaces the inline script line of the GOV.UK page template, so that the
// content security policy needs neither a nonce nor "unsafe-inline".
"use strict";
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
