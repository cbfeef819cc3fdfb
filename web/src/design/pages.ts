/** Rows that come from the server by the page, kept for a while. */

export interface Sort {
  column: string;
  descending: boolean;
}

export type FetchPage<Row> = (from: number, count: number, sort: Sort | null, signal: AbortSignal) => Promise<readonly Row[]>;

export class Pages<Row> {
  readonly #rows = new Map<number, readonly Row[]>();
  readonly #asked = new Map<number, Promise<readonly Row[]>>();
  readonly #aborter = new AbortController();

  constructor(
    private readonly fetchPage: FetchPage<Row>,
    private readonly sort: Sort | null,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
    readonly pageRows = 200,
    private readonly keptPages = 60,
  ) {}

  /** A row if it is there; its page is asked for by `want`. */
  row(index: number): Row | undefined {
    return this.#rows.get(Math.floor(index / this.pageRows))?.[index % this.pageRows];
  }

  /** Asks for the pages that hold rows `from` to `to` (not included). */
  want(from: number, to: number): void {
    for (let page = Math.floor(from / this.pageRows); page * this.pageRows < to; page++)
      this.#page(page).then(this.changed, this.failed);
  }

  /** All rows of a range, wherever they are. */
  async range(from: number, to: number): Promise<Row[]> {
    const pages: Promise<readonly Row[]>[] = [];
    for (let page = Math.floor(from / this.pageRows); page * this.pageRows < to; page++) pages.push(this.#page(page));
    const first = Math.floor(from / this.pageRows) * this.pageRows;
    return (await Promise.all(pages)).flat().slice(from - first, to - first);
  }

  stop(): void {
    this.#aborter.abort();
  }

  #page(page: number): Promise<readonly Row[]> {
    const there = this.#rows.get(page);
    if (there) return Promise.resolve(there);
    const asked = this.#asked.get(page);
    if (asked) return asked;
    const asking = this.fetchPage(page * this.pageRows, this.pageRows, this.sort, this.#aborter.signal)
      .then((rows) => this.#keep(page, rows))
      .finally(() => this.#asked.delete(page));
    this.#asked.set(page, asking);
    return asking;
  }

  #keep(page: number, rows: readonly Row[]): readonly Row[] {
    this.#rows.set(page, rows);
    const oldest = this.#rows.keys().next().value;
    if (this.#rows.size > this.keptPages && oldest !== undefined) this.#rows.delete(oldest);
    return rows;
  }
}
