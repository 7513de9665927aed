// Passkeys: hands the box's questions to the browser and its answers back. The only
// script of the site, and only on the two pages of staff; they work without it, too.
"use strict";

const octets = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

async function ask(path, fields = {}) {
  const answer = await fetch(path + location.search, {
    method: "POST",
    body: new URLSearchParams(fields),
    credentials: "same-origin",
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.refused);
  return said;
}

async function register() {
  const options = await ask("/staff/passkeys/options");
  options.challenge = octets(options.challenge);
  options.user.id = octets(options.user.id);
  for (const known of options.excludeCredentials ?? []) known.id = octets(known.id);
  const made = await navigator.credentials.create({ publicKey: options });
  const credential = {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
    },
  };
  const label = document.getElementById("label").value;
  await ask("/staff/passkeys", { credential: JSON.stringify(credential), label });
  location.reload();
}

async function signIn(button) {
  const options = await ask("/staff/sign-in/options");
  options.challenge = octets(options.challenge);
  const found = await navigator.credentials.get({ publicKey: options });
  const credential = {
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: text(found.response.clientDataJSON),
      authenticatorData: text(found.response.authenticatorData),
      signature: text(found.response.signature),
      userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
    },
  };
  await ask("/staff/sign-in/passkey", { credential: JSON.stringify(credential) });
  location.assign(button.dataset.next);
}

for (const [id, act] of [["passkey-register", register], ["passkey-sign-in", signIn]]) {
  const button = document.getElementById(id);
  button?.addEventListener("click", async () => {
    const refused = document.getElementById("passkey-refused");
    refused.textContent = "";
    try {
      await act(button);
    } catch (error) {
      // what the browser itself says is in no language of ours
      refused.textContent =
        error instanceof DOMException ? button.dataset.failed : error.message;
    }
  });
}
