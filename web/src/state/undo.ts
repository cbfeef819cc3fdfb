/** Undo and redo over values that are never changed in place. Pure; keep one in a signal. */

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
}

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [] });

/** Takes a step. The oldest steps beyond `limit` are forgotten. */
export function step<T>(history: History<T>, present: T, limit = 200): History<T> {
  if (Object.is(present, history.present)) return history;
  return { past: [...history.past, history.present].slice(-limit), present, future: [] };
}

/** Changes the present without a step, as while a slider is dragged. */
export const replace = <T>(history: History<T>, present: T): History<T> => ({ ...history, present });

export const canUndo = <T>(history: History<T>): boolean => history.past.length > 0;
export const canRedo = <T>(history: History<T>): boolean => history.future.length > 0;

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined && !canUndo(history)) return history;
  return { past: history.past.slice(0, -1), present: before as T, future: [history.present, ...history.future] };
}

export function redo<T>(history: History<T>): History<T> {
  if (!canRedo(history)) return history;
  const [after, ...future] = history.future;
  return { past: [...history.past, history.present], present: after as T, future };
}
