/** The seven views: their names, their icons, and where their code lies. */

import type { ComponentType } from "preact";
import type { IconName } from "../design/Icon";
import type { ViewId } from "../state/route";

export interface ViewEntry {
  id: ViewId;
  /** As the rail shows it. */
  name: string;
  icon: IconName;
  /** The key after "g" that leads to it. */
  key: string;
  load: () => Promise<ComponentType>;
}

export const VIEW_LIST: readonly ViewEntry[] = [
  { id: "library", name: "Library", icon: "library", key: "l", load: async () => (await import("../views/library/LibraryView")).LibraryView },
  { id: "map", name: "Map", icon: "map", key: "m", load: async () => (await import("../views/map/MapView")).MapView },
  { id: "play", name: "Play", icon: "keys", key: "p", load: async () => (await import("../views/play/PlayView")).PlayView },
  { id: "recording", name: "Recording", icon: "recording", key: "r", load: async () => (await import("../views/recording/RecordingView")).RecordingView },
  { id: "train", name: "Train", icon: "train", key: "t", load: async () => (await import("../views/train/TrainView")).TrainView },
  { id: "judge", name: "Judge", icon: "judge", key: "j", load: async () => (await import("../views/judge/JudgeView")).JudgeView },
  { id: "history", name: "History", icon: "history", key: "h", load: async () => (await import("../views/history/HistoryView")).HistoryView },
];
