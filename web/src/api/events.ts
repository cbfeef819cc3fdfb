/** What the server tells unasked: one WebSocket that comes back by itself. */

import { at } from "./client";
import type { ServerMessage } from "./models";

export interface Listener {
  onMessage(message: ServerMessage): void;
  /** The line is up (again): what was missed meanwhile must be asked for. */
  onOpen(): void;
  onLost(): void;
}

const SHORTEST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 10_000;

/** How long to wait before the n-th new try, from 0. */
export function waitMs(tries: number): number {
  return Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** tries);
}

/** Opens the line; the function it gives back closes it for good. */
export function listen(listener: Listener, path = "/api/events"): () => void {
  let socket: WebSocket | null = null;
  let tries = 0;
  let timer = 0;
  let closed = false;

  const open = (): void => {
    socket = new WebSocket(at(path).replace(/^http/, "ws"));
    socket.onopen = () => {
      tries = 0;
      listener.onOpen();
    };
    socket.onmessage = (event) => listener.onMessage(JSON.parse(String(event.data)) as ServerMessage);
    socket.onclose = () => {
      if (closed) return;
      listener.onLost();
      timer = window.setTimeout(open, waitMs(tries++));
    };
  };
  open();
  return () => {
    closed = true;
    window.clearTimeout(timer);
    socket?.close();
  };
}
