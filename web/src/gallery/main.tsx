import { render } from "preact";
import "../design/tokens.css";
import "../design/base.css";
import { wakeOnGesture } from "../audio/engine";
import { followKeys } from "../state/shortcuts";
import { followTheme } from "../state/theme";
import { Gallery } from "./Gallery";
import "./gallery.css";

followTheme();
followKeys();
wakeOnGesture();
const root = document.getElementById("app");
if (root) render(<Gallery />, root);
