/* SPMI in the browser. Every page works without this file; it keeps unsent answers on the phone, warns before a
   useless upload, and stops a double tap. The markup that it looks for is listed at the top of css/app.css. */
"use strict";

(() => {
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const say = (text) => {
    const region = document.getElementById("kabar");
    if (!region) return;
    region.textContent = text;
    clearTimeout(say.timer);
    say.timer = setTimeout(() => { region.textContent = ""; }, 8000);
  };
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const button = (text, className, action) => {
    const element = make("button", `btn ${className}`, text);
    element.type = "button";
    element.addEventListener("click", action);
    return element;
  };

  /* Drafts: { version, fields: [[name, value], ...] } under spmi:draft:<user>:<key>. The key holds the user, so
     that a shared phone never shows one person's draft to another. Storage may be missing or full; then the page
     goes on without it and says so. */
  const prefix = `spmi:draft:${meta("user")}:`;
  const storage = {
    read(key) {
      try {
        const draft = JSON.parse(localStorage.getItem(prefix + key));
        return draft && Array.isArray(draft.fields) ? draft : null;
      } catch { return null; }
    },
    write(key, draft) {
      try { localStorage.setItem(prefix + key, JSON.stringify(draft)); return true; } catch { return false; }
    },
    remove(key) { try { localStorage.removeItem(prefix + key); } catch { /* nothing was stored */ } },
    keys() {
      try { return Object.keys(localStorage).filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length)); }
      catch { return []; }
    },
  };

  const draftForms = (root) => {
    const found = [...root.querySelectorAll("form[data-draft]")];
    return root.matches?.("form[data-draft]") ? [root, ...found] : found;
  };
  const isChoice = (control) => control.type === "radio" || control.type === "checkbox";
  const controls = (form) => [...form.elements].filter((control) => control.name && !control.disabled
    && !["hidden", "file", "submit", "button", "password", "fieldset"].includes(control.type));
  const serverFields = (form) => controls(form).flatMap((control) => {
    if (isChoice(control)) return control.defaultChecked ? [[control.name, control.value]] : [];
    if (control.options) {
      const chosen = [...control.options].find((option) => option.defaultSelected) ?? control.options[0];
      return [[control.name, chosen ? chosen.value : ""]];
    }
    return [[control.name, control.defaultValue]];
  });
  const currentFields = (form) => controls(form).flatMap((control) => {
    if (isChoice(control)) return control.checked ? [[control.name, control.value]] : [];
    return [[control.name, control.value]];
  });
  const same = (one, other) => {
    const plain = (fields) => JSON.stringify(fields.map(([name, value]) => [name, value.trim()]));
    return plain(one) === plain(other);  // the server trims; that is no difference to a person
  };
  const fill = (form, fields) => {
    const left = fields.map((pair) => [...pair]);
    for (const control of controls(form)) {
      if (isChoice(control)) {
        control.checked = fields.some(([name, value]) => name === control.name && value === control.value);
        continue;
      }
      const at = left.findIndex(([name]) => name === control.name);
      if (at >= 0) control.value = left.splice(at, 1)[0][1];
    }
  };

  const trips = new Map();    // key -> { carried, newer, saved }: a save on its way to the server and back
  const failed = new Set();   // keys of forms whose request did not arrive
  const retried = new Set();  // keys already tried again by the "online" event
  const UNSENT = "Tersimpan di HP, belum terkirim.";
  const NO_STORAGE = "Belum tersimpan di HP ini (penyimpanan penuh atau mode pribadi). Tekan Simpan sebelum menutup halaman.";

  const statusOf = (form) => {
    let place = form.querySelector("[data-draft-status]");
    if (!place) {
      place = make("p", "sync");
      place.dataset.draftStatus = "";
      form.append(place);
    }
    place.setAttribute("role", "status");
    return place;
  };
  const show = (form, text, tone, ...buttons) => {
    const place = statusOf(form);
    if (place.dataset.shown === text) return;  // a live region that changes on every key would be read on every key
    place.dataset.shown = text;
    place.dataset.tone = tone;
    place.removeAttribute("data-saved");
    place.replaceChildren(make("span", "", text), ...buttons);
  };
  const discard = (form) => button("Buang isian di HP", "btn-link", () => {
    storage.remove(form.dataset.draft);
    failed.delete(form.dataset.draft);
    fill(form, serverFields(form));
    show(form, "Isian di HP dibuang. Yang tampil adalah isian di server.", "neutral");
  });
  const retry = (form) => button("Coba kirim lagi", "btn-secondary", () => form.requestSubmit());
  const reload = () => button("Muat ulang halaman", "btn-secondary", () => location.reload());

  const write = (form) => storage.write(form.dataset.draft, {
    version: form.dataset.version ?? "", fields: currentFields(form),
  });
  const keep = (form) => {
    if (write(form)) show(form, UNSENT, "attention", discard(form));
    else show(form, NO_STORAGE, "attention");
  };

  const labelOf = (form, name, value) => {
    const all = controls(form).filter((control) => control.name === name);
    const control = all.find((one) => isChoice(one) && one.value === value) ?? all[0];
    const text = control?.labels?.[0]?.querySelector(".level-name")?.textContent ?? control?.labels?.[0]?.textContent ?? name;
    if (!control || !isChoice(control)) return [text.trim(), value];
    return [control.closest("fieldset")?.querySelector("legend")?.textContent.trim() ?? "Pilihan", text.trim()];
  };
  const summary = (form, title, fields, action) => {
    const section = make("section", "version");
    const list = make("dl");
    const filled = fields.filter(([, value]) => value !== "");
    for (const [name, value] of filled) {
      const [label, text] = labelOf(form, name, value);
      list.append(make("dt", "", label), make("dd", "", text));
    }
    section.append(make("h4", "", title), filled.length ? list : make("p", "", "Belum diisi."), action);
    return section;
  };
  const offerChoice = (form, draft) => {
    // Until one is chosen the form stands still: an edit now would overwrite the entry on the phone.
    const others = [...form.children];
    const hold = (on) => { for (const other of others) other.inert = on; };
    form.dataset.conflict = "";
    hold(true);
    const panel = make("div", "notice notice-warning");
    const done = () => { delete form.dataset.conflict; hold(false); panel.remove(); };
    panel.setAttribute("role", "alert");
    panel.append(
      make("p", "notice-title", "Ada dua isian berbeda."),
      make("p", "", "Pertanyaan ini berubah di server sesudah Anda mengisinya di HP. Keduanya masih ada; pilih yang dipakai."),
    );
    const both = make("div", "versions");
    both.append(
      summary(form, "Isian di server", serverFields(form), button("Pakai isian di server", "btn-secondary", () => {
        done();
        storage.remove(form.dataset.draft);
        fill(form, serverFields(form));
        show(form, "Isian di server dipakai.", "neutral");
      })),
      summary(form, "Isian di HP ini", draft.fields, button("Pakai isian di HP", "btn-secondary", () => {
        done();
        fill(form, draft.fields);
        keep(form);
      })),
    );
    panel.append(both);
    form.prepend(panel);
  };

  /* Long pages fold their questions: whatever a link leads to, and what waits on this phone, stands open. */
  const unfold = (inside) => { const fold = inside?.closest("details.fold"); if (fold) fold.open = true; };
  const unfoldTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    unfold(target);
    const fold = target.querySelector?.(":scope > details.fold");
    if (fold) fold.open = true;
  };
  window.addEventListener("hashchange", unfoldTarget);
  document.addEventListener("DOMContentLoaded", unfoldTarget);
  document.addEventListener("click", (event) => {  // the same link once more changes no hash
    if (event.target.closest?.('a[href^="#"]')) setTimeout(unfoldTarget);
  });

  /* What to do with a form that has just come from the server. */
  const settle = (form) => {
    const key = form.dataset.draft;
    const trip = trips.get(key);
    trips.delete(key);
    if (trip?.newer) {  // whoever typed on while the save was under way keeps those words, on top of the new version
      fill(form, trip.newer);
      keep(form);
    } else if (trip?.saved) {
      storage.remove(key);
    } else if (trip || "pending" in form.dataset) {  // refused: the form shows what was typed
      keep(form);
    } else {
      const draft = storage.read(key);
      if (!draft) return;
      if (same(draft.fields, serverFields(form))) storage.remove(key);
      else if (draft.version === (form.dataset.version ?? "")) {
        fill(form, draft.fields);
        unfold(form);
        show(form, UNSENT, "attention", discard(form));
      } else {
        unfold(form);
        offerChoice(form, draft);
      }
    }
  };
  /* An entry that was never sent, under a question that can't be changed any more: readable, and thrown away by hand. */
  const showKept = (place) => {
    const draft = storage.read(place.dataset.draftKept);
    const words = (draft?.fields ?? []).map(([, value]) => value).filter(Boolean);
    if (!words.length) return;
    place.hidden = false;
    place.dataset.tone = "attention";
    place.replaceChildren(
      make("span", "", `Di HP ini masih ada isian yang tidak terkirim: ${words.join(", ")}.`),
      button("Buang isian di HP", "btn-link", () => {
        storage.remove(place.dataset.draftKept);
        place.replaceChildren();
        place.hidden = true;
      }),
    );
  };
  /* Before a standard is submitted: what this phone still keeps is not part of it. */
  const warnOfUnsent = (form) => {
    const { drafts, draftsPage } = form.dataset;
    const codes = storage.keys().filter((key) => key.startsWith(drafts)).map((key) => key.split(":").pop()).sort();
    if (!codes.length || form.querySelector("[data-unsent]")) return;
    const notice = make("div", "notice notice-warning");
    notice.dataset.unsent = "";
    notice.append(
      make("p", "notice-title", `${codes.length} isian di HP ini belum terkirim`),
      make("p", "", "Isian itu tidak ikut diajukan. Buka pertanyaannya, lalu tekan Simpan."),
    );
    const list = make("p", "actions");
    for (const code of codes) {
      const link = make("a", "code", code);
      link.href = `${draftsPage}#butir-${code.replaceAll(".", "-")}`;
      list.append(link);
    }
    notice.append(list);
    form.prepend(notice);
  };
  const welcome = (root) => {
    for (const form of draftForms(root)) {
      if (form.dataset.settled) continue;
      form.dataset.settled = "1";
      settle(form);
    }
    for (const element of root.querySelectorAll("[data-print][hidden], [data-copy][hidden]")) element.hidden = false;
    for (const place of root.querySelectorAll("[data-draft-kept][hidden]")) showKept(place);
    for (const form of root.querySelectorAll("form[data-drafts]")) warnOfUnsent(form);
    for (const place of root.querySelectorAll("[data-count]")) count(place);  // a draft of this phone may stand there
  };

  const onEdit = (event) => {
    const form = event.target.form;
    if (!form?.matches("form[data-draft]") || "conflict" in form.dataset || !controls(form).includes(event.target)) return;
    if ("pending" in form.dataset || !same(currentFields(form), serverFields(form))) { keep(form); return; }
    storage.remove(form.dataset.draft);
    show(form, "Sama dengan isian di server.", "neutral");
  };
  document.addEventListener("input", onEdit);
  document.addEventListener("change", onEdit);

  const draftFormOf = (event) => {
    const source = event.detail.requestConfig?.elt ?? event.detail.elt;
    return source.matches?.("form[data-draft]") ? source : null;
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = draftFormOf(event);
    if (!form) return;
    trips.set(form.dataset.draft, { carried: currentFields(form), newer: null, saved: false });
    failed.delete(form.dataset.draft);
  });
  const lost = (form, text, ...buttons) => {
    show(form, `Tidak tersimpan: ${text}`, "bad", ...buttons);
    trips.delete(form.dataset.draft);
  };
  const safe = (form) => (write(form)
    ? "Isian Anda aman di HP ini."
    : "Jangan tutup halaman ini; isian Anda hanya ada di layar.");
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
    document.addEventListener(name, (event) => {
      const form = draftFormOf(event);
      if (!form) {
        say("Sambungan internet terputus. Coba lagi sesudah tersambung.");
        return;
      }
      failed.add(form.dataset.draft);
      lost(form, `sambungan internet terputus. ${safe(form)} Kami mencoba lagi saat tersambung.`, retry(form));
    });
  }
  document.addEventListener("htmx:responseError", (event) => {
    const form = draftFormOf(event);
    const text = event.detail.xhr.status === 429
      ? "terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi."
      : "server sedang bermasalah. Tunggu sebentar, lalu coba lagi.";
    if (form) lost(form, `${text} ${safe(form)}`, retry(form));
    else say(`Tidak berhasil: ${text}`);
  });
  const signedOut = (form) => {
    form.querySelector("[data-signed-out]")?.remove();
    const notice = make("div", "notice notice-error");
    notice.dataset.signedOut = "";
    notice.setAttribute("role", "alert");
    notice.append(make("p", "", "Belum terkirim: Anda sudah keluar. Isian di halaman ini masih ada."));
    const link = make("a", "btn btn-secondary", "Masuk di tab baru, lalu tekan tombolnya sekali lagi");
    link.href = meta("login");
    link.target = "_blank";
    link.rel = "noopener";
    notice.append(link);
    form.append(notice);
    link.focus();
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    const form = draftFormOf(event);
    const login = meta("login");
    if (login && xhr.responseURL && new URL(xhr.responseURL).pathname === login) {
      // The session is over: the login page must not land inside a question.
      event.detail.shouldSwap = false;
      const source = event.detail.requestConfig?.elt;
      if (form) lost(form, `Anda sudah keluar. ${safe(form)} Muat ulang halaman, masuk, lalu kirim lagi.`, reload());
      else if (source?.matches?.("form")) {  // what was typed or chosen here stands on this page alone: keep it open
        signedOut(source);
      } else location.reload();
      return;
    }
    if (!form || !event.detail.shouldSwap) return;
    const key = form.dataset.draft;
    const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
    if (xhr.status < 400 || draftForms(answer).some((one) => one.dataset.draft === key)) {
      const trip = trips.get(key);
      const typed = currentFields(form);
      trip.newer = same(typed, trip.carried) ? null : typed;
      trip.saved = [...answer.querySelectorAll("[data-saved]")].some((one) => one.dataset.saved === key);
      if (trip.saved) retried.delete(key);
      return;
    }
    // An error page must not replace what the person wrote: its reason is shown beside the form instead.
    event.detail.shouldSwap = false;
    const reason = answer.querySelector("[data-reason]")?.textContent.trim();
    lost(form, `${reason || "halaman ini perlu dimuat ulang."} ${safe(form)}`, reload());
  });
  document.addEventListener("htmx:load", (event) => {
    welcome(event.detail.elt);
    if (event.detail.elt === document.body) return;
    const news = [event.detail.elt, ...event.detail.elt.querySelectorAll("*")]
      .find((one) => one.matches("[data-announce], [data-saved]"));
    if (news) say(news.textContent.trim());
  });
  window.addEventListener("online", () => {
    for (const form of document.querySelectorAll("form[data-draft]")) {
      const key = form.dataset.draft;
      if (!failed.has(key) || retried.has(key)) continue;
      retried.add(key);
      form.requestSubmit();
    }
  });

  /* Figures that follow a form. After Back the browser fills in what was chosen, beside figures of before; without
     network no new ones come. Both are said and caught up. */
  const FOLLOWED = 'form[hx-trigger="change"]';
  const calculate = (form) => form.dispatchEvent(new Event("change"));
  const figuresOf = (form) => document.querySelector(form.getAttribute("hx-target"));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      const form = event.detail.requestConfig.elt;
      if (!form.matches(FOLLOWED) || figuresOf(form).querySelector("[data-stale]")) return;
      const note = make("p", "sim-note", "Angka ini belum mengikuti pilihan terakhir.");
      note.dataset.stale = "";
      figuresOf(form).prepend(note);
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(FOLLOWED)) {
      if (!same(currentFields(form), serverFields(form))) calculate(form);
    }
  });
  window.addEventListener("online", () => {
    for (const form of document.querySelectorAll(FOLLOWED)) {
      if (figuresOf(form).querySelector("[data-stale]")) calculate(form);
    }
  });

  /* Files: say before the upload, not after minutes of it, what the server would refuse. */
  const size = (bytes) => `${(bytes / 1048576).toFixed(1).replace(".", ",")} MB`;
  const complaint = (input) => {
    const allowed = (input.dataset.accept ?? "").toLowerCase().split(",").map((one) => one.trim()).filter(Boolean);
    const limit = Number(input.dataset.maxBytes) || Infinity;
    for (const file of input.files) {
      if (allowed.length && !allowed.some((ending) => file.name.toLowerCase().endsWith(ending))) {
        return `“${file.name}” tidak dapat dipakai. Pilih berkas ${allowed.join(", ")}.`;
      }
      if (file.size > limit) {
        return `“${file.name}” berukuran ${size(file.size)}, lebih besar dari batas ${size(limit)}. Kecilkan atau pilih berkas lain.`;
      }
      if (file.size === 0) return `“${file.name}” kosong. Pilih berkas lain.`;
    }
    return "";
  };
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches?.('input[type="file"][data-max-bytes], input[type="file"][data-accept]')) return;
    const text = complaint(input);
    input.parentElement.querySelector("[data-file-error]")?.remove();
    input.removeAttribute("aria-invalid");
    if (!text) return;
    const message = make("p", "field-error", text);
    message.dataset.fileError = "";
    message.setAttribute("role", "alert");
    input.setAttribute("aria-invalid", "true");
    input.after(message);
  });

  document.addEventListener("submit", (event) => {
    const refused = event.target.querySelector("[data-file-error]");
    if (!refused) return;
    event.preventDefault();
    event.stopImmediatePropagation();  // captured before htmx: a form with novalidate must not send it either
    refused.parentElement.querySelector('input[type="file"]').focus();
  }, true);

  /* A meeting decides many questions in a row: the way of review goes along to the other open forms of the page. */
  document.addEventListener("change", (event) => {
    const source = event.target;
    if (!source.matches?.('form.decide [name="mode"], form.decide [name="attendance"]')) return;
    for (const other of document.querySelectorAll(`form.decide [name="${source.name}"]`)) {
      other.value = source.value;
      const summary = other.closest("details")?.querySelector("summary");
      if (summary && source.name === "mode") summary.textContent = `Cara telaah: ${source.selectedOptions[0].text}`;
    }
  });

  /* A text to copy, and how long it is. Where the browser refuses to copy, the text is selected for the person. */
  document.addEventListener("click", async (event) => {
    const control = event.target.closest?.("[data-copy]");
    const source = control && document.getElementById(control.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      say("Naskah disalin.");
    } catch {
      if (source.select) source.select();
      else window.getSelection().selectAllChildren(source);
      say("Naskah sudah dipilih. Salin dengan menekan lama atau Ctrl+C.");
    }
  });
  const count = (place) => {
    const text = document.getElementById(place.dataset.count)?.value ?? "";
    place.textContent = `${(text.match(/\S+/g) ?? []).length} kata, ${[...text].length} tanda`;
  };
  document.addEventListener("input", (event) => {
    for (const place of document.querySelectorAll("[data-count]")) {
      if (place.dataset.count === event.target.id) count(place);
    }
  });

  /* Print, double taps, leaving. */
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-print]")) window.print();
  });
  const release = (form) => {
    delete form.dataset.sending;
    for (const one of form.querySelectorAll("button[aria-disabled]")) one.removeAttribute("aria-disabled");
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("form[data-once]")) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    for (const one of form.querySelectorAll("button:not([type='button'])")) one.setAttribute("aria-disabled", "true");
    // A download does not leave the page and a lost request never ends: let the person try again.
    setTimeout(() => release(form), 15000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("form[data-once]");
    if (form) release(form);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-logout]")) return;
    const unsent = storage.keys();
    const question = `Ada ${unsent.length} isian di HP ini yang belum terkirim. Bila Anda keluar, isian itu dihapus. Tetap keluar?`;
    if (unsent.length && !window.confirm(question)) { event.preventDefault(); return; }
    unsent.forEach(storage.remove);
  });

  welcome(document.documentElement);
})();
