import { useMemo } from "preact/hooks";
import { blocks, type Block, type Inline } from "./markdown";

/** A card. Everything in it is put on the page as text, never as markup. */
export function Markdown({ text, skipTitle }: { text: string; skipTitle?: boolean }) {
  const all = useMemo(() => blocks(text), [text]);
  const shown = skipTitle && all[0]?.kind === "heading" && all[0].level === 1 ? all.slice(1) : all;
  return <div class="train-card">{shown.map((block, at) => <One key={at} block={block} />)}</div>;
}

function One({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading": return block.level <= 2 ? <h3><Words of={block.inlines} /></h3> : <h4><Words of={block.inlines} /></h4>;
    case "paragraph": return <p><Words of={block.inlines} /></p>;
    case "code": return <pre tabIndex={0}><code>{block.text}</code></pre>;
    case "line": return <hr />;
    case "table": return <Table block={block} />;
    case "list": {
      const items = block.items.map((item, at) => <li key={at}><Words of={item} /></li>);
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function Table({ block }: { block: Extract<Block, { kind: "table" }> }) {
  return (
    <div class="train-card-table" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead><tr>{block.head.map((cell, at) => <th key={at} scope="col"><Words of={cell} /></th>)}</tr></thead>
        <tbody>{block.rows.map((row, at) => <tr key={at}>{row.map((cell, place) => <td key={place}><Words of={cell} /></td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function Words({ of }: { of: readonly Inline[] }) {
  return <>{of.map(({ kind, text }, at) => {
    if (kind === "strong") return <strong key={at}>{text}</strong>;
    if (kind === "em") return <em key={at}>{text}</em>;
    return kind === "code" ? <code key={at}>{text}</code> : text;
  })}</>;
}
