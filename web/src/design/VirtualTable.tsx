import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { toastError } from "../state/toasts";
import { wasAborted } from "../api/client";
import { Icon } from "./Icon";
import { clamp } from "./numbers";
import { Pages, type FetchPage, type Sort } from "./pages";
import "./data.css";

export type { FetchPage, Sort };

export interface Column<Row> {
  id: string;
  title: string;
  /** A width of a grid column: "8rem", "minmax(10rem, 2fr)". */
  width: string;
  cell: (row: Row, index: number) => ComponentChildren;
  sortable?: boolean | undefined;
  /** Numbers stand at the right. */
  numeric?: boolean | undefined;
  /** Left out below this width of the table, in px. */
  from?: number | undefined;
}

export interface VirtualTableProps<Row> {
  /** What the rows are, for screen readers. */
  label: string;
  rowCount: number;
  columns: readonly Column<Row>[];
  /** Gives rows `from` to `from + count` in an order. Wrap it in `useCallback`: a new function asks for all anew. */
  fetchPage: FetchPage<Row>;
  rowKey: (row: Row) => string;
  sort?: Sort | null | undefined;
  onSort?: ((sort: Sort) => void) | undefined;
  /** Keys of the rows that are chosen. Given: checkboxes, and clicks with shift, ctrl and cmd. */
  selected?: ReadonlySet<string> | undefined;
  onSelect?: ((selected: ReadonlySet<string>) => void) | undefined;
  /** The box in the head was ticked: choose all that the query finds, or none. */
  onSelectAll?: ((all: boolean) => void) | undefined;
  /** The focus came to a row by key or click: the moment to play it. */
  onFocusRow?: ((row: Row, index: number) => void) | undefined;
  /** Enter or a double click. */
  onActivate?: ((row: Row, index: number) => void) | undefined;
  onHoverRow?: ((row: Row | null, index: number) => void) | undefined;
  onDragStart?: ((event: DragEvent, row: Row) => void) | undefined;
  /** Marks rows, as data-mark="..." for a view's style. */
  rowMark?: ((row: Row) => string | undefined) | undefined;
  /** Another number asks for all rows anew, as after an edit. */
  version?: number | undefined;
  /** What stands there when there is no row. */
  empty?: ComponentChildren;
}

const OVERSCAN = 8;

/** A table of any length: only the rows in sight exist, and they come by the page. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, rowCount, fetchPage, rowKey, sort = null, selected, version = 0 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600, width: 1000, row: 32 });
  const [current, setCurrent] = useState(0);
  const [, redraw] = useState(0);
  const anchor = useRef(0);
  const columns = props.columns.filter((column) => view.width >= (column.from ?? 0));
  const selectable = selected !== undefined;
  const template = [...(selectable ? ["2.25rem"] : []), ...columns.map((column) => column.width)].join(" ");

  const pages = useMemo(
    () => new Pages<Row>(fetchPage, sort, () => redraw((n) => n + 1), (error) => { if (!wasAborted(error)) toastError(error); }),
    [fetchPage, sort?.column, sort?.descending, version],
  );
  useEffect(() => () => pages.stop(), [pages]);

  const first = Math.max(0, Math.floor(view.top / view.row) - OVERSCAN);
  const last = Math.min(rowCount, Math.ceil((view.top + view.height) / view.row) + OVERSCAN);
  useEffect(() => {
    if (last > first) pages.want(first, last);
  }, [pages, first, last]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const measure = (): void => {
      const row = parseFloat(getComputedStyle(element).getPropertyValue("--row")) * parseFloat(getComputedStyle(document.documentElement).fontSize);
      setView((now) => ({ ...now, height: element.clientHeight, width: element.clientWidth, row: row || 32 }));
    };
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    measure();
    return () => watcher.disconnect();
  }, []);

  const reveal = (index: number): void => {
    const element = scroller.current;
    if (!element) return;
    const head = view.row;
    const top = index * view.row;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + view.row > element.scrollTop + element.clientHeight - head) element.scrollTop = top + view.row - element.clientHeight + head;
  };

  const focusRow = (index: number): void => {
    setCurrent(index);
    reveal(index);
    const row = pages.row(index);
    if (row !== undefined) props.onFocusRow?.(row, index);
    else void pages.range(index, index + 1).then(([late]) => late !== undefined && props.onFocusRow?.(late, index), () => undefined);
  };

  const choose = async (index: number, how: "one" | "toggle" | "range"): Promise<void> => {
    if (!selected) return;
    const [from, to] = how === "range" ? [Math.min(anchor.current, index), Math.max(anchor.current, index) + 1] : [index, index + 1];
    const keys = (await pages.range(from, to)).map(rowKey);
    if (how !== "range") anchor.current = index;
    const next = new Set(how === "toggle" ? selected : []);
    for (const key of keys) {
      if (how === "toggle" && next.has(key)) next.delete(key);
      else next.add(key);
    }
    props.onSelect?.(next);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / view.row) - 2);
    const to = {
      ArrowDown: current + 1, ArrowUp: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: rowCount - 1,
    }[event.key];
    const row = pages.row(current);
    if (to !== undefined) {
      const next = clamp(to, 0, rowCount - 1);
      focusRow(next);
      if (event.shiftKey) void choose(next, "range");
      else anchor.current = next;
    } else if (event.key === "Enter" && row !== undefined) props.onActivate?.(row, current);
    else if (event.key === " " && selectable) void choose(current, "toggle");
    else if (event.key === "a" && (event.ctrlKey || event.metaKey) && props.onSelectAll) props.onSelectAll(true);
    else return;
    event.preventDefault();
  };

  const allChosen = selectable && rowCount > 0 && selected.size >= rowCount;
  const rowId = (index: number): string => `${label.replace(/\W+/g, "-")}-row-${index}`;
  const rows = [];
  for (let index = first; index < last; index++) {
    const row = pages.row(index);
    const isChosen = row !== undefined && selected?.has(rowKey(row));
    rows.push(
      <div
        key={index} id={rowId(index)} role="row" aria-rowindex={index + 2} aria-selected={selectable ? Boolean(isChosen) : undefined} class="t-tr"
        data-current={index === current || undefined} data-odd={index % 2 ? "" : undefined} data-mark={row === undefined ? undefined : props.rowMark?.(row)}
        draggable={Boolean(props.onDragStart)} style={{ top: `${index * view.row}px`, gridTemplateColumns: template }}
        onDragStart={(event) => { if (row !== undefined) props.onDragStart?.(event, row); }}
        onPointerEnter={() => { if (row !== undefined) props.onHoverRow?.(row, index); }}
        onClick={(event) => {
          focusRow(index);
          if (event.shiftKey) void choose(index, "range");
          else if (event.ctrlKey || event.metaKey) void choose(index, "toggle");
          else anchor.current = index;
        }}
        onDblClick={() => { if (row !== undefined) props.onActivate?.(row, index); }}
      >
        {selectable && (
          <div role="gridcell" class="t-td t-td-check" onClick={(event) => { event.stopPropagation(); void choose(index, event.shiftKey ? "range" : "toggle"); }}>
            <input type="checkbox" class="t-check" tabIndex={-1} checked={Boolean(isChosen)} aria-label={`Choose row ${index + 1}`} />
          </div>
        )}
        {columns.map((column) => (
          <div key={column.id} role="gridcell" class="t-td" data-numeric={column.numeric || undefined}>
            {row === undefined ? <span class="t-td-wait" aria-hidden="true" /> : column.cell(row, index)}
          </div>
        ))}
      </div>,
    );
  }

  return (
    <div
      ref={scroller} class="t-table" role="grid" aria-label={label} aria-rowcount={rowCount + 1} aria-colcount={columns.length + (selectable ? 1 : 0)}
      aria-multiselectable={selectable || undefined} tabIndex={0} aria-activedescendant={rowCount && current >= first && current < last ? rowId(current) : undefined} data-own-keys
      onScroll={(event) => { const { scrollTop } = event.currentTarget; setView((now) => ({ ...now, top: scrollTop })); }}
      onKeyDown={onKeyDown} onPointerLeave={() => props.onHoverRow?.(null, -1)}
    >
      <div role="rowgroup" class="t-thead">
        <div role="row" aria-rowindex={1} class="t-tr" style={{ gridTemplateColumns: template }}>
          {selectable && (
            <div role="columnheader" class="t-td t-td-check">
              <input
                type="checkbox" class="t-check" checked={allChosen} aria-label="Choose all" disabled={!props.onSelectAll}
                ref={(input) => { if (input) input.indeterminate = !allChosen && selected.size > 0; }}
                onChange={(event) => props.onSelectAll?.(event.currentTarget.checked)}
              />
            </div>
          )}
          {columns.map((column) => <Head key={column.id} column={column} sort={sort} onSort={props.onSort} />)}
        </div>
      </div>
      <div role="rowgroup" class="t-tbody" style={{ height: `${rowCount * view.row}px` }}>{rows}</div>
      {rowCount === 0 && props.empty && <div class="t-table-empty">{props.empty}</div>}
    </div>
  );
}

interface HeadProps<Row> {
  column: Column<Row>;
  sort: Sort | null;
  onSort: ((sort: Sort) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const isSorted = sort?.column === column.id;
  const state = isSorted ? (sort.descending ? "descending" : "ascending") : "none";
  if (!column.sortable || !onSort) return <div role="columnheader" class="t-td" data-numeric={column.numeric || undefined}>{column.title}</div>;
  return (
    <div role="columnheader" class="t-td" aria-sort={state} data-numeric={column.numeric || undefined}>
      <button type="button" class="t-th-button" onClick={() => onSort({ column: column.id, descending: isSorted && !sort.descending })}>
        {column.title}
        <span class="t-th-arrow" data-shown={isSorted || undefined}><Icon name={isSorted && sort.descending ? "down" : "up"} size={0.75} /></span>
      </button>
    </div>
  );
}
