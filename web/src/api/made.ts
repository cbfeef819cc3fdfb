/** Says what a person thinks of a sound that was made, or renames it; gives the sound as it is then. */

import { patch } from "./client";
import type { Model } from "./models";

export const changeMade = (id: string, change: Model<"MadeChange">): Promise<Model<"Made">> =>
  patch<Model<"Made">>(`/api/made/${encodeURIComponent(id)}`, change);
