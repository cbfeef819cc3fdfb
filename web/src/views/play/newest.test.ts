import { expect, it, vi } from "vitest";
import { Newest } from "./newest";

/** Answers that come when the test says so. */
function gates() {
  const asked: { wish: number; answer: (value: string) => void; fail: (error: Error) => void }[] = [];
  const make = (wish: number) => new Promise<string>((answer, fail) => asked.push({ wish, answer, fail }));
  return { asked, make };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

it("of many wishes asks for the first and the newest, one after the other", async () => {
  const { asked, make } = gates();
  const told: [number, string, boolean][] = [];
  const pump = new Newest(make, (...all) => told.push(all), () => undefined);
  pump.ask(1, true);
  for (const wish of [2, 3, 4]) pump.ask(wish);
  expect(asked.map((one) => one.wish)).toEqual([1]);
  asked[0]?.answer("one");
  await settled();
  expect(asked.map((one) => one.wish)).toEqual([1, 4]);
  asked[1]?.answer("four");
  await settled();
  expect(told).toEqual([[1, "one", false], [4, "four", true]]);
  expect(pump.busy).toBe(false);
});

it("waits a little for something newer before it begins", () => {
  vi.useFakeTimers();
  const { asked, make } = gates();
  const pump = new Newest(make, () => undefined, () => undefined, () => undefined, 40);
  pump.ask(1);
  vi.advanceTimersByTime(30);
  pump.ask(2);
  vi.advanceTimersByTime(39);
  expect(asked).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(asked.map((one) => one.wish)).toEqual([2]);
  vi.useRealTimers();
});

it("tells of a failure only where nothing newer waits", async () => {
  const { asked, make } = gates();
  const failed: number[] = [];
  const pump = new Newest(make, () => undefined, (wish) => failed.push(wish));
  pump.ask(1, true);
  pump.ask(2);
  asked[0]?.fail(new Error("no"));
  await settled();
  asked[1]?.fail(new Error("no"));
  await settled();
  expect(failed).toEqual([2]);
});
