// What is asked of the server, and the token by which it knows this listener.

export class Lost extends Error {}
export class Unknown extends Error {}

let key = "";
let token = "";

const storage = {
  get: (name) => { try { return localStorage.getItem(name) ?? ""; } catch { return ""; } },
  set: (name, text) => { try { localStorage.setItem(name, text); } catch { /* private mode: the code is all there is */ } },
  drop: (name) => { try { localStorage.removeItem(name); } catch { /* nothing was kept */ } },
};

export function openFor(test) {
  key = `timbrel-listening-${test}`;
  token = storage.get(key);
}

export function keep(given) {
  token = given;
  storage.set(key, given);
}

export function drop() {
  token = "";
  storage.drop(key);
}

export const code = () => token;

export async function ask(path, { method = "GET", body } = {}) {
  const headers = token ? { "x-listener": token } : {};
  if (body !== undefined) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Lost("The server does not answer.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 404) throw new Unknown(answer.error ?? "not found");
  if (!response.ok) throw new Error(answer.error ?? answer.detail ?? `error ${response.status}`);
  return answer;
}

export async function soundBytes(name) {
  let response;
  try {
    response = await fetch(`/sounds/${name}`);
  } catch {
    throw new Lost("The server does not answer.");
  }
  if (!response.ok) throw new Lost("A sound is missing.");
  return response.arrayBuffer();
}
