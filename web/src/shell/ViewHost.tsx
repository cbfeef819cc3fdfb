import type { ComponentType } from "preact";
import { Component } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Thrown } from "../design/ErrorNote";
import type { ViewEntry } from "./views";

const loaded = new Map<string, ComponentType>();

/** Loads a view's code and shows it. A view that fails takes nothing else with it. */
export function ViewHost({ entry }: { entry: ViewEntry }) {
  const [View, setView] = useState<ComponentType | null>(() => loaded.get(entry.id) ?? null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (View) return;
    entry.load().then((component) => {
      loaded.set(entry.id, component);
      setView(() => component);
    }, setError);
  }, [entry]);
  if (error) return <div class="shell-fallen"><Thrown error={error} onRetry={() => location.reload()} /></div>;
  return View ? <Guarded><View /></Guarded> : <h1 class="t-unseen">{entry.name}</h1>;
}

class Guarded extends Component<{ children?: preact.ComponentChildren }, { error: unknown }> {
  override state = { error: null as unknown };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ error });
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <div class="shell-fallen"><Thrown error={error} onRetry={() => this.setState({ error: null })} /></div>;
  }
}
