/**
 * Asks for one thing at a time, and of what is wished meanwhile only for the newest: a hand on a slider wishes sixty
 * times a second, and the server makes sounds one after the other.
 */
export class Newest<Wish, Answer> {
  #next: { wish: Wish } | null = null;
  #running = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly make: (wish: Wish) => Promise<Answer>,
    /** `isNewest` is false where something newer waits already. */
    private readonly told: (wish: Wish, answer: Answer, isNewest: boolean) => void,
    private readonly failed: (wish: Wish, error: unknown) => void,
    private readonly changed: (busy: boolean) => void = () => undefined,
    private readonly waitMs = 40,
  ) {}

  get busy(): boolean {
    return this.#running || this.#next !== null;
  }

  /** Wishes for something; `now` does not wait whether something newer comes at once. */
  ask(wish: Wish, now = false): void {
    this.#next = { wish };
    this.changed(true);
    if (this.#running) return;
    clearTimeout(this.#timer);
    if (now) void this.#run();
    else this.#timer = setTimeout(() => void this.#run(), this.waitMs);
  }

  /** Takes back what has not begun. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#next = null;
    this.changed(this.busy);
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let next = this.#taken(); next; next = this.#taken()) {
      const { wish } = next;
      try {
        const answer = await this.make(wish);
        this.told(wish, answer, this.#next === null);
      } catch (thrown) {
        if (this.#next === null) this.failed(wish, thrown);
      }
    }
    this.#running = false;
    this.changed(false);
  }

  #taken(): { wish: Wish } | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }
}
