import { expect, it } from "vitest";
import { ApiError, asTrouble, troubleOf } from "./client";
import { waitMs } from "./events";

it("tells the server's own words", () => {
  const error = troubleOf(400, { error: { given: "x = 2", accepted: "0 to 1", advice: "Give less.", text: "Too far out." } });
  expect(error).toBeInstanceOf(ApiError);
  expect(asTrouble(error)).toEqual({ given: "x = 2", accepted: "0 to 1", advice: "Give less.", text: "Too far out." });
});

it("has words where the answer has none", () => {
  expect(asTrouble(troubleOf(502, "<html>")).text).toBe("The server answered with status 502.");
  expect(asTrouble("what")).toEqual({ given: "", accepted: "", advice: "", text: "what" });
});

it("waits longer each time, but not for ever", () => {
  expect([0, 1, 2].map(waitMs)).toEqual([400, 800, 1600]);
  expect(waitMs(30)).toBe(10_000);
});
