/** Sounds like one, shown on the map. */

import { post } from "../../api/client";
import type { Likeness, Matches } from "../../api/types";
import { toast, toastError } from "../../state/toasts";
import { choose, indexOf } from "./desk";

const TOP = 40;

export async function findAlike(sound: string, name: string): Promise<void> {
  const wish: Likeness = { sound, top: TOP, by: { all: 1 }, label: null };
  try {
    const { matches } = await post<Matches>("/api/search", wish);
    const indices = matches.map((match) => indexOf(match.sound.sound)).filter((index) => index >= 0);
    if (indices.length) choose(indices, `like ${name}`);
    else toast("What is like it is not on this map. Lay the map out anew to bring new sounds in.");
  } catch (thrown) {
    toastError(thrown);
  }
}
