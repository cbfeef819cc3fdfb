import { asTrouble } from "../api/client";
import { Button } from "./Button";
import { Icon } from "./Icon";
import "./surfaces.css";

export interface ErrorNoteProps {
  /** What happened, in a sentence. */
  text?: string | undefined;
  given: string;
  accepted: string;
  advice: string;
  onRetry?: (() => void) | undefined;
  /** Without its box and `role=alert`, inside something that has them. */
  bare?: boolean | undefined;
}

/** What was given, what is accepted, what to do next. */
export function ErrorNote({ text, given, accepted, advice, onRetry, bare }: ErrorNoteProps) {
  return (
    <div class="t-error" role={bare ? undefined : "alert"} data-bare={bare || undefined}>
      <Icon name="warning" />
      <div class="t-grow">
        {text && <p class="t-error-text">{text}</p>}
        {(given || accepted) && (
          <dl class="t-facts">
            {given && <><dt>Given</dt><dd>{given}</dd></>}
            {accepted && <><dt>Accepted</dt><dd>{accepted}</dd></>}
          </dl>
        )}
        {advice && <p class="t-error-advice">{advice}</p>}
        {onRetry && <Button size="s" icon="refresh" onClick={onRetry}>Try again</Button>}
      </div>
    </div>
  );
}

/** The same, of whatever was thrown. */
export function Thrown({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  return <ErrorNote {...asTrouble(error)} onRetry={onRetry} />;
}
