/** Small preferences that this browser keeps. A browser that keeps nothing is no error. */

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`timbrel.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`timbrel.${key}`, value);
  } catch {
    // Private windows refuse; the choice then lasts as long as the page.
  }
}
