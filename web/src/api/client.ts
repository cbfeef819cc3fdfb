/** Asks the server. Paths are written as the server has them ("/api/..."); answers are typed by the caller. */

import type { Trouble } from "./models";

/** What the server refused, in its own words. `status` is 0 where no answer came. */
export class ApiError extends Error {
  override name = "ApiError";
  constructor(
    readonly status: number,
    readonly given: string,
    readonly accepted: string,
    readonly advice: string,
    text: string,
  ) {
    super(text);
  }
}

/** The absolute address of a path, wherever the page is served from. */
export function at(path: string, query?: Query): string {
  const url = new URL(path.replace(/^\//, ""), document.baseURI.split("#")[0]);
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(key, String(one));
  }
  return url.href;
}

export type Scalar = string | number | boolean;
export type Query = Record<string, Scalar | readonly Scalar[] | null | undefined>;

export interface Ask {
  query?: Query | undefined;
  signal?: AbortSignal | undefined;
}

export const get = <T>(path: string, ask?: Ask): Promise<T> => json<T>("GET", path, undefined, ask);
export const post = <T>(path: string, body?: unknown, ask?: Ask): Promise<T> => json<T>("POST", path, body, ask);
export const put = <T>(path: string, body?: unknown, ask?: Ask): Promise<T> => json<T>("PUT", path, body, ask);
export const patch = <T>(path: string, body?: unknown, ask?: Ask): Promise<T> => json<T>("PATCH", path, body, ask);
export const del = <T>(path: string, body?: unknown, ask?: Ask): Promise<T> => json<T>("DELETE", path, body, ask);

/** Bytes, as sounds and packed positions come. */
export async function getBytes(path: string, ask?: Ask): Promise<ArrayBuffer> {
  return (await send("GET", path, undefined, ask)).arrayBuffer();
}

/** Bytes that a question with a body gets, with the headers that tell of them. */
export async function postBytes(path: string, body: unknown, ask?: Ask): Promise<{ bytes: ArrayBuffer; headers: Headers }> {
  const answer = await send("POST", path, body, ask);
  return { bytes: await answer.arrayBuffer(), headers: answer.headers };
}

export interface Upload extends Ask {
  method?: "POST" | "PUT" | undefined;
  /** Sent 0 to 1. */
  onProgress?: ((fraction: number) => void) | undefined;
}

/** Sends files, a form or bytes, and tells how much of it has gone. */
export function upload<T>(path: string, body: FormData | Blob, options: Upload = {}): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(options.method ?? "POST", at(path, options.query));
    request.responseType = "text";
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(parsed(request.responseText) as T);
      else reject(troubleOf(request.status, parsed(request.responseText)));
    };
    request.onerror = () => reject(silence());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    options.signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** Turns whatever was thrown into something that `ErrorNote` can show. */
export function asTrouble(thrown: unknown): Trouble {
  if (thrown instanceof ApiError)
    return { given: thrown.given, accepted: thrown.accepted, advice: thrown.advice, text: thrown.message };
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return { given: "", accepted: "", advice: "", text };
}

/** Whether an error only says that its question was withdrawn. */
export const wasAborted = (thrown: unknown): boolean => thrown instanceof DOMException && thrown.name === "AbortError";

async function json<T>(method: string, path: string, body: unknown, ask?: Ask): Promise<T> {
  const answer = await send(method, path, body, ask);
  return parsed(await answer.text()) as T;
}

async function send(method: string, path: string, body: unknown, ask?: Ask): Promise<Response> {
  const init: RequestInit = { method, headers: { accept: "application/json" } };
  if (body !== undefined) {
    init.headers = { accept: "application/json", "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  if (ask?.signal) init.signal = ask.signal;
  const answer = await fetch(at(path, ask?.query), init).catch((thrown: unknown) => {
    throw wasAborted(thrown) ? thrown : silence();
  });
  if (!answer.ok) throw troubleOf(answer.status, parsed(await answer.text()));
  return answer;
}

function parsed(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads the error that an answer holds, whatever its form. */
export function troubleOf(status: number, answer: unknown): ApiError {
  const error = (answer as { error?: Partial<Trouble> } | undefined)?.error;
  const text = error?.text ?? `The server answered with status ${status}.`;
  return new ApiError(status, error?.given ?? "", error?.accepted ?? "", error?.advice ?? "", text);
}

function silence(): ApiError {
  return new ApiError(
    0,
    "",
    "",
    "See whether timbrel studio still runs in its terminal; start it again if it does not. Nothing is lost.",
    "The studio does not answer.",
  );
}
