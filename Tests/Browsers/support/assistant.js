// SPDX-License-Identifier: Apache-2.0
// Sits in Firefox or Thunderbird and does what a person does with their dialogs.
//
// While the PIN dialog is open Firefox's network thread waits for it, and with it
// the remote control: whoever answers has to be inside already. A timer looks for
// dialogs, keeps a picture of each, and answers it from the list `answers`: a PIN,
// or null for Cancel; an empty list means Cancel, which the tests count as a failure.

const shared = Cu.getGlobalForObject(Services);
const assistant = (shared.assistant = { answers: [], events: [], picture: null, busy: false });

// A dialog takes a moment to go.
const answered = new WeakSet();

function dialogsIn(window, found) {
  const { href } = window.location;
  const dialog = window.document.querySelector("dialog");
  if (dialog && window.document.readyState == "complete" && dialog.getButton?.("accept")) {
    if (href.endsWith("/commonDialog.xhtml")) {
      const password = window.document.getElementById("password1Container")?.hidden === false;
      found.push({ kind: password ? "password" : "message", window, dialog });
    } else if (href.endsWith("/clientauthask.xhtml") && window.document.querySelector("#nicknames menuitem")) {
      found.push({ kind: "certificate", window, dialog });
    }
  }
  for (const frame of window.document.querySelectorAll("browser.dialogFrame")) {
    if (frame.contentWindow) dialogsIn(frame.contentWindow, found);
  }
}

function dialogs() {
  const found = [];
  for (const window of Services.ww.getWindowEnumerator()) dialogsIn(window, found);
  return found;
}

async function takePicture(window, kind) {
  if (!assistant.picture) return;
  // A dialog inside a window: the whole of that window.
  const outer = window.browsingContext.topChromeWindow;
  const bitmap = await outer.browsingContext.currentWindowGlobal.drawSnapshot(
    new DOMRect(0, 0, outer.innerWidth, outer.innerHeight), 1, "white");
  const canvas = new window.OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  await IOUtils.write(`${assistant.picture}-${assistant.events.length}-${kind}.png`, bytes);
}

async function handle({ kind, window, dialog }) {
  const { document } = window;
  const event = { kind, text: document.getElementById("infoBody")?.textContent ?? "" };
  if (kind == "certificate") {
    event.certificates = Array.from(document.querySelectorAll("#nicknames menuitem"), item => item.getAttribute("label"));
  }
  // Time to be drawn, and what makes Firefox arm the button of a dialog.
  await new Promise(resolve => setTimeout(resolve, 250));
  await takePicture(window, kind).catch(error => { event.pictureFailed = String(error); });
  let accept = true;
  if (kind == "password") {
    const answer = assistant.answers.length ? assistant.answers.shift() : undefined;
    event.answered = answer === undefined ? "no answer left" : answer === null ? "cancel" : "PIN";
    accept = typeof answer == "string";
    if (accept) {
      const box = document.getElementById("password1Textbox");
      box.value = answer;
      box.dispatchEvent(new window.Event("input", { bubbles: true }));
    }
  }
  assistant.events.push(event);
  dialog.getButton("accept").disabled = false;
  if (accept) dialog.acceptDialog();
  else dialog.cancelDialog();
}

const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
assistant.timer = Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);
assistant.timer.initWithCallback(
  () => {
    if (assistant.busy) return;
    const first = dialogs().find(({ window }) => !answered.has(window));
    if (!first) return;
    answered.add(first.window);
    assistant.busy = true;
    handle(first)
      .catch(error => assistant.events.push({ kind: "error", text: `${error} ${error.stack}` }))
      .finally(() => { assistant.busy = false; });
  },
  100,
  Ci.nsITimer.TYPE_REPEATING_SLACK
);
