/** "12 May 2026, 14:05", as the reader's system writes it. */
export const day = (seconds: number): string => new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
