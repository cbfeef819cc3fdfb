/** Reads the Markdown of cards into plain data: headings, paragraphs, lists, tables, code; bold, emphasis, code. Pure. */

export type Inline = { kind: "text" | "strong" | "em" | "code"; text: string };

export type Block =
  | { kind: "heading"; level: number; inlines: Inline[] }
  | { kind: "paragraph"; inlines: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "code"; text: string }
  | { kind: "line" };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const FENCE = /^\s*(```|~~~)/;
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const ROW = /^\s*\|.*\|\s*$/;
const ROW_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function blocks(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const found: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const [block, next] = read(lines, at);
    if (block) found.push(block);
    at = next;
  }
  return found;
}

function read(lines: readonly string[], at: number): [Block | null, number] {
  const line = lines[at] ?? "";
  if (!line.trim()) return [null, at + 1];
  if (FENCE.test(line)) return fenced(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: "heading", level: heading[1]!.length, inlines: inlines(heading[2]!) }, at + 1];
  if (RULE.test(line)) return [{ kind: "line" }, at + 1];
  if (ROW.test(line) && ROW_RULE.test(lines[at + 1] ?? "")) return table(lines, at);
  if (ITEM.test(line)) return list(lines, at);
  return paragraph(lines, at);
}

function fenced(lines: readonly string[], at: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length && !FENCE.test(lines[end]!)) end++;
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function table(lines: readonly string[], at: number): [Block, number] {
  let end = at + 2;
  while (end < lines.length && ROW.test(lines[end]!)) end++;
  return [{ kind: "table", head: cells(lines[at]!), rows: lines.slice(at + 2, end).map(cells) }, end];
}

const cells = (line: string): Inline[][] => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => inlines(cell.trim()));

function list(lines: readonly string[], at: number): [Block, number] {
  const items: string[] = [];
  const ordered = Boolean(ITEM.exec(lines[at]!)?.[1]);
  let end = at;
  for (; end < lines.length; end++) {
    const line = lines[end]!;
    const item = ITEM.exec(line);
    if (item) items.push(item[2]!);
    else if (/^\s+\S/.test(line) && items.length) items[items.length - 1] += ` ${line.trim()}`;
    else break;
  }
  return [{ kind: "list", ordered, items: items.map(inlines) }, end];
}

function paragraph(lines: readonly string[], at: number): [Block, number] {
  let end = at + 1;
  const ends = (line: string): boolean => !line.trim() || HEADING.test(line) || FENCE.test(line) || ITEM.test(line) || ROW.test(line);
  while (end < lines.length && !ends(lines[end]!)) end++;
  return [{ kind: "paragraph", inlines: inlines(lines.slice(at, end).map((line) => line.trim()).join(" ")) }, end];
}

const MARK = /(?<!\\)(`+)(.+?)\1|(?<!\\)\*\*(.+?)(?<!\\)\*\*|(?<!\\)\*([^*\s](?:[^*]*[^*\s\\])?)\*|(?<!\\)\[([^\]]+)\]\([^)\s]*\)/g;

/** What stands in a line. Links keep their words only: a card leads nowhere. */
export function inlines(text: string): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > at) found.push({ kind: "text", text: plain(text.slice(at, match.index)) });
    at = match.index + match[0].length;
    if (match[2] !== undefined) found.push({ kind: "code", text: match[2].trim() });
    else if (match[3] !== undefined) found.push({ kind: "strong", text: plain(match[3]) });
    else if (match[4] !== undefined) found.push({ kind: "em", text: plain(match[4]) });
    else found.push({ kind: "text", text: plain(match[5] ?? "") });
  }
  if (at < text.length) found.push({ kind: "text", text: plain(text.slice(at)) });
  return found;
}

/** A backslash before a sign only says that the sign is meant as it stands. */
const plain = (text: string): string => text.replace(/\\([!-/:-@[-`{-~])/g, "$1");
