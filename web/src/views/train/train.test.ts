import { describe, expect, it } from "vitest";
import type { Recipe } from "../../api/types";
import { events, measures, onThePage, spansDecades, together, told } from "./course";
import { EMPTY, freeName, missing, settingsOf, trainWish } from "./draft";
import { estimateOf, expectation, figures, lasting, shareOf } from "./expect";
import { blocks, inlines } from "./markdown";
import { audibleShare, bySound, inTurn } from "./previews";
import { facts, firstOf } from "./recipes";

const recipe = (more: Partial<Recipe> = {}): Recipe => ({
  name: "one-shot", title: "", about: "", family: "latent_flow", sample_rate: 44100, duration_s: 8, purpose: "one-shots", recommended: true, takes: "library", ...more,
});

describe("recipes", () => {
  it("begins with the recommended one", () => {
    const all = [recipe({ name: "old", recommended: false }), recipe()];
    expect(firstOf(all, "one-shots")?.name).toBe("one-shot");
    expect(facts(recipe({ duration_s: 600 }))).toBe("44.1 kHz, up to 10 min, from the library");
  });
});

describe("draft", () => {
  const around = { names: ["drums"], sounds: 100 };
  it("says what is missing", () => {
    expect(missing(EMPTY, undefined, around)).toHaveLength(1);
    expect(missing({ ...EMPTY, name: "drums" }, recipe(), around)[0]).toContain("drums already");
    expect(missing({ ...EMPTY, name: "drums", force: true }, recipe(), around)).toEqual([]);
    expect(missing({ ...EMPTY, name: "new" }, recipe(), { ...around, sounds: 0 })[0]).toContain("library is empty");
    expect(missing({ ...EMPTY, name: "new" }, recipe({ takes: "recording" }), around)[0]).toContain("recording");
    expect(missing({ ...EMPTY, name: "new", settings: "steps 4" }, recipe(), around)[0]).toContain("key=value");
  });
  it("asks for recordings and holes only where the recipe takes them", () => {
    const draft = { ...EMPTY, name: " x ", sources: [{ sound: "library:1", name: "a", duration_s: 9 }], holes: [{ from: 1, to: 2 }], origin: "jazz" };
    expect(trainWish(draft, recipe())).toMatchObject({ name: "x", sounds: [], holes: [], origin: null, minutes: 20, steps: null });
    expect(trainWish(draft, recipe({ takes: "recording" }))).toMatchObject({ sounds: ["library:1"], holes: [[1, 2]], origin: "jazz" });
  });
  it("reads settings and finds free names", () => {
    expect(settingsOf("a=1\n\n# no\n b.c=2 ")).toEqual(["a=1", "b.c=2"]);
    expect(freeName("My Kit (2).wav", [])).toBe("my-kit-2");
    expect(freeName("drums", ["drums", "drums-2"])).toBe("drums-3");
    expect(freeName("<script>", [])).toBe("script");
  });
});

describe("expectations", () => {
  const estimate = estimateOf({ seconds: 4000, steps: 4000, step_seconds: 1, memory_bytes: 1e9, disk_bytes: 4e8, card_bytes: 0 })!;
  it("a budget is a part of the whole", () => {
    expect(shareOf(estimate, { minutes: 20, steps: null })).toBeCloseTo(0.3);
    expect(shareOf(estimate, { minutes: null, steps: 8000 })).toBe(1);
    expect(lasting(estimate, { minutes: 20, steps: null })).toBe(1200);
    expect(lasting(estimate, { minutes: null, steps: null })).toBe(4000);
    expect(figures(estimate, { minutes: null, steps: 100 })[0]).toEqual(["Time", "about 2 min"]);
  });
  it("is honest about little time and little data", () => {
    expect(expectation(0.01, 1000, false)).toContain("first taste");
    expect(expectation(1, 20, false)).toContain("so few sounds");
    expect(expectation(1, 1, true)).not.toContain("so few");
    expect(estimateOf({ hello: 1 })).toBeNull();
  });
});

describe("course", () => {
  const columns = { step: [0, 10, 20], event: ["", "", "rolled back"], validation_loss: [4, 2, 1], train_loss: [null, 3, 2], validation_flow: [1, 1, 0.1], learning_rate: [1, 1, 1] };
  it("puts the overall loss first and leaves out what is none", () => {
    expect(measures(columns).map((one) => one.id)).toEqual(["loss", "flow"]);
    expect(measures(columns)[0]?.curves).toHaveLength(2);
    expect(told(measures(columns)[0]?.curves[0])).toBe("On what it never saw: from 4.00 to 1.00, 1.00 at its best.");
    expect(events(columns)).toEqual([{ step: 20, text: "rolled back" }]);
    expect(spansDecades(measures(columns)[1]!.curves)).toBe(true);
  });
  it("lays runs over one another", () => {
    const other = { step: [0, 20, 40], validation_loss: [4, 0, 0] };
    const { x, curves } = together([{ name: "a", columns }, { name: "b", columns: other }], "loss");
    expect(x).toEqual([0, 10, 20, 40]);
    expect(curves[0]?.values).toEqual([4, 2, 1, null]);
    expect(curves[1]?.values).toEqual([4, 2, 0, 0]);
  });
});

describe("markdown", () => {
  it("reads blocks", () => {
    const found = blocks("# A\n\nhello\nyou\n\n- one\n- two\n  more\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sh\nx\n```\n---\n1. x");
    expect(found.map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "table", "code", "line", "list"]);
  });
  it("keeps markup as text", () => {
    expect(inlines("<b>x</b> `a<b` **bold** latent\\_flow [words](javascript:x)")).toEqual([
      { kind: "text", text: "<b>x</b> " }, { kind: "code", text: "a<b" }, { kind: "text", text: " " }, { kind: "strong", text: "bold" },
      { kind: "text", text: " latent_flow " }, { kind: "text", text: "words" },
    ]);
  });
});

describe("previews", () => {
  it("come original first, then by step", () => {
    const preview = (number: number, step: number | null) => ({ sound: `training:${number}${step ?? "o"}`, number, step });
    const [first, second] = bySound([preview(2, 10), preview(1, 200), preview(1, 9), preview(1, null)]);
    expect(inTurn(first!).map((one) => one.step)).toEqual([null, 9, 200]);
    expect(second!.original).toBeNull();
  });
  it("are shown as far as they are heard", () => {
    expect(audibleShare([1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0])).toBeCloseTo(0.23);
    expect(audibleShare([0, 0])).toBe(1);
  });
  it("have a verdict that leads to the page's own buttons", () => {
    expect(onThePage("Good. Go on with --resume and a larger budget. How it sounds, `timbrel evaluate` tells.")).toBe("Good. Let it go on for longer. How good it sounds, a report tells: make one in Judge.");
  });
});
