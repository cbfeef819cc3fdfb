import { render } from "preact";
import "./design/tokens.css";
import "./design/base.css";
import { wakeOnGesture } from "./audio/engine";
import { App } from "./shell/App";
import { followAddress } from "./state/route";
import { followKeys } from "./state/shortcuts";
import { followTheme } from "./state/theme";
import { connect } from "./state/workspace";

followTheme();
followAddress();
followKeys();
wakeOnGesture();
connect();

const root = document.getElementById("app");
if (root) render(<App />, root);
