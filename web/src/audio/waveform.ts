/** wavesurfer.js as the studio uses it: loaded when it is needed, in our colours, within the page's policy. */

import type WaveSurfer from "wavesurfer.js";
import type { WaveSurferOptions } from "wavesurfer.js";
import { token } from "../state/theme";

/** The nonce that the server gave this page for styles. */
export const cspNonce = (): string => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

/**
 * Makes a waveform. Give `peaks` and `duration`, and a `url` or `media` only where wavesurfer is to play it; a blob is
 * loaded with `loadBlob`. Plug-ins come from `wavesurfer.js/dist/plugins/<name>.esm.js`, loaded the same way.
 */
export async function createWaveform(container: HTMLElement, options: Partial<WaveSurferOptions> = {}): Promise<WaveSurfer> {
  const { default: Wave } = await import("wavesurfer.js");
  return Wave.create({
    container,
    cspNonce: cspNonce(),
    height: 128,
    barWidth: 2,
    barGap: 1,
    barRadius: 1,
    cursorWidth: 1,
    dragToSeek: true,
    waveColor: token("wave"),
    progressColor: token("accent"),
    cursorColor: token("ink"),
    ...options,
  });
}
