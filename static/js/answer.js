/* A level and a reason for "tidak berlaku" exclude each other: choosing one lets the other go. Without this file the
   form says so after sending. It listens before app.js, so that the entry kept on the phone is already consistent. */
"use strict";

document.addEventListener("change", (event) => {
  const control = event.target;
  const form = control.form;
  if (!form || !form.matches("form[data-draft]")) return;
  const reasons = [...form.querySelectorAll("[data-na] input")];
  if (!reasons.length) return;
  const answers = [...form.querySelectorAll("[data-answer] input")];
  const none = answers.find((one) => one.type === "radio" && one.value === "");
  if (reasons.includes(control) && control.value) {
    for (const one of answers) {
      if (one.type === "text") one.value = "";
      else one.checked = one === none;
    }
  } else if (reasons.includes(control)) {
    if (none) none.checked = false;
  } else if (answers.includes(control)) {
    if (control === none) form.querySelector("details:has([data-na])").open = true;
    else for (const one of reasons) one.checked = one.value === "";
  }
}, true);
