/** Draws the points: WebGL2, one call; or plain canvas where there is no WebGL2. */

import { scaleOf, type Camera, type Size } from "./camera";
import { mixedOrder } from "./order";
import { bytesOf } from "./palette";

export interface Look {
  /** The diameter of a point of size 1, in CSS px. */
  diameter: number;
  /** Multiplies each point's own. */
  opacity: number;
  /** The colour around points that are large enough for an edge. */
  ground: string;
}

export interface Renderer {
  /** x, y, x, y ... from 0 to 1, y up. */
  setPositions(xy: Float32Array): void;
  /** Four bytes a point: colour, shape, opacity of 255, size in 64ths. */
  setStyles(styles: Uint8Array): void;
  setPalette(colours: readonly string[]): void;
  /** `most` is how many points to draw: all, or a fair sample. */
  draw(camera: Camera, size: Size, ratio: number, look: Look, most: number): void;
  destroy(): void;
}

const VERTEX = `#version 300 es
in vec2 place;
in uvec4 style;
uniform vec2 centre, scale;
uniform float diameter, opacity, largest;
uniform highp sampler2D palette;
flat out vec4 ink;
flat out int shape;
flat out float across;
void main() {
  gl_Position = vec4((place - centre) * scale, 0.0, 1.0);
  across = min(diameter * float(style.w) / 64.0, largest - 2.0);
  if (style.z == 0u) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = across + 2.0;
  shape = int(style.y);
  ink = vec4(texelFetch(palette, ivec2(int(style.x), 0), 0).rgb, float(style.z) / 255.0 * opacity);
}`;

/** Distances to the edges are in pixels, so that edges are one pixel soft at any size. */
const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 ink;
flat in int shape;
flat in float across;
uniform vec3 ground;
uniform float edge;
out vec4 colour;
float outside(vec2 p, float r) {
  vec2 q = abs(p);
  if (shape == 1) return max(q.x, q.y) - r * 0.86;
  if (shape == 2 || shape == 5) {
    if (shape == 5) p.y = -p.y;
    p.y -= r * 0.12;
    return max(q.x * 0.866 - p.y * 0.5, p.y) - r * 0.56;
  }
  if (shape == 3) return (q.x + q.y) * 0.7071 - r * 0.7071;
  if (shape == 4) return max(min(q.x, q.y) - r * 0.36, max(q.x, q.y) - r);
  if (shape == 6) { q = abs(vec2(p.x + p.y, p.x - p.y)) * 0.7071; return max(min(q.x, q.y) - r * 0.36, max(q.x, q.y) - r); }
  return length(p) - r;
}
void main() {
  vec2 p = (gl_PointCoord - 0.5) * (across + 2.0);
  float far = outside(p, across * 0.5);
  float cover = clamp(0.5 - far, 0.0, 1.0);
  if (cover <= 0.0) discard;
  vec3 body = across > 6.0 * edge ? mix(ink.rgb, ground, clamp(far + 1.2 * edge, 0.0, 1.0) * 0.75) : ink.rgb;
  float alpha = ink.a * cover;
  colour = vec4(body * alpha, alpha);
}`;

/** The best there is for a canvas. */
export function rendererFor(canvas: HTMLCanvasElement): Renderer {
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true, depth: false, powerPreference: "high-performance" });
  return gl ? new GlRenderer(gl) : new FlatRenderer(canvas);
}

class GlRenderer implements Renderer {
  #parts: ReturnType<typeof partsOf> | null;
  #count = 0;
  #xy: Float32Array = new Float32Array();
  #order: Uint32Array = new Uint32Array();
  #styles: Uint8Array = new Uint8Array();
  #colours: readonly string[] = [];
  readonly #onLost = (event: Event): void => {
    event.preventDefault();
    this.#parts = null;
  };
  readonly #onBack = (): void => {
    this.#parts = partsOf(this.gl);
    this.setPositions(this.#xy);
    this.setStyles(this.#styles);
    this.setPalette(this.#colours);
    this.gl.canvas.dispatchEvent(new Event("timbrel-redraw"));
  };

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.#parts = partsOf(gl);
    gl.canvas.addEventListener("webglcontextlost", this.#onLost);
    gl.canvas.addEventListener("webglcontextrestored", this.#onBack);
  }

  setPositions(xy: Float32Array): void {
    this.#xy = xy;
    this.#count = xy.length / 2;
    if (this.#order.length !== this.#count) this.#order = mixedOrder(this.#count);
    const mixed = new Float32Array(xy.length);
    this.#order.forEach((index, at) => {
      mixed[at * 2] = xy[index * 2]!;
      mixed[at * 2 + 1] = xy[index * 2 + 1]!;
    });
    this.#fill("places", mixed);
  }

  setStyles(styles: Uint8Array): void {
    this.#styles = styles;
    const [from, mixed] = [new Uint32Array(styles.buffer), new Uint32Array(styles.length / 4)];
    this.#order.forEach((index, at) => { mixed[at] = from[index]!; });
    this.#fill("styles", mixed);
  }

  setPalette(colours: readonly string[]): void {
    this.#colours = colours;
    if (!this.#parts) return;
    const pixels = new Uint8Array(256 * 4);
    colours.slice(0, 256).forEach((colour, at) => pixels.set([...bytesOf(colour), 255], at * 4));
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.#parts.palette);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  }

  draw(camera: Camera, size: Size, ratio: number, look: Look, most: number): void {
    const { gl } = this;
    const parts = this.#parts;
    if (!parts) return;
    const [across, up] = scaleOf(camera, size);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(parts.program);
    gl.bindVertexArray(parts.array);
    gl.bindTexture(gl.TEXTURE_2D, parts.palette);
    gl.uniform2f(parts.at("centre"), camera.x, camera.y);
    gl.uniform2f(parts.at("scale"), (across * 2) / size.width, (up * 2) / size.height);
    gl.uniform1f(parts.at("diameter"), look.diameter * ratio);
    gl.uniform1f(parts.at("opacity"), look.opacity);
    gl.uniform1f(parts.at("largest"), parts.largest);
    gl.uniform1f(parts.at("edge"), ratio);
    const [red, green, blue] = bytesOf(look.ground);
    gl.uniform3f(parts.at("ground"), red / 255, green / 255, blue / 255);
    gl.drawArrays(gl.POINTS, 0, Math.min(most, this.#count));
  }

  destroy(): void {
    const { gl } = this;
    gl.canvas.removeEventListener("webglcontextlost", this.#onLost);
    gl.canvas.removeEventListener("webglcontextrestored", this.#onBack);
    if (this.#parts) {
      gl.deleteBuffer(this.#parts.places);
      gl.deleteBuffer(this.#parts.styles);
      gl.deleteTexture(this.#parts.palette);
      gl.deleteProgram(this.#parts.program);
    }
    this.#parts = null;
  }

  #fill(which: "places" | "styles", data: Float32Array | Uint32Array): void {
    if (!this.#parts) return;
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#parts[which]);
    gl.bufferData(gl.ARRAY_BUFFER, data as Float32Array<ArrayBuffer>, gl.STATIC_DRAW);
  }
}

function partsOf(gl: WebGL2RenderingContext) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS) && !gl.isContextLost()) throw new Error(`The map's shader does not compile: ${gl.getShaderInfoLog(shader)}`);
    gl.attachShader(program, shader);
  }
  gl.bindAttribLocation(program, 0, "place");
  gl.bindAttribLocation(program, 1, "style");
  gl.linkProgram(program);
  const array = gl.createVertexArray();
  const [places, styles] = [gl.createBuffer(), gl.createBuffer()];
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, styles);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribIPointer(1, 4, gl.UNSIGNED_BYTE, 0, 0);
  const palette = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, palette);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.clearColor(0, 0, 0, 0);
  const range = gl.getParameter(gl.ALIASED_POINT_SIZE_RANGE) as Float32Array | null;
  const known = new Map<string, WebGLUniformLocation | null>();
  const at = (name: string): WebGLUniformLocation | null => {
    if (!known.has(name)) known.set(name, gl.getUniformLocation(program, name));
    return known.get(name) ?? null;
  };
  return { program, array, places, styles, palette, at, largest: range?.[1] ?? 64 };
}

/** Squares on a plain canvas: slow with many, but there. */
class FlatRenderer implements Renderer {
  #xy: Float32Array = new Float32Array();
  #styles: Uint8Array = new Uint8Array();
  #colours: readonly string[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {}

  setPositions(xy: Float32Array): void {
    this.#xy = xy;
  }

  setStyles(styles: Uint8Array): void {
    this.#styles = styles;
  }

  setPalette(colours: readonly string[]): void {
    this.#colours = colours;
  }

  draw(camera: Camera, size: Size, ratio: number, look: Look): void {
    const pen = this.canvas.getContext("2d");
    if (!pen) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    const [across, up] = scaleOf(camera, size);
    for (let index = 0; index < this.#xy.length / 2; index++) {
      const opacity = this.#styles[index * 4 + 2]!;
      if (!opacity) continue;
      const edge = (look.diameter * this.#styles[index * 4 + 3]!) / 64;
      pen.globalAlpha = (opacity / 255) * look.opacity;
      pen.fillStyle = this.#colours[this.#styles[index * 4]!] ?? "#888888";
      const left = size.width / 2 + (this.#xy[index * 2]! - camera.x) * across;
      const top = size.height / 2 - (this.#xy[index * 2 + 1]! - camera.y) * up;
      pen.fillRect(left - edge / 2, top - edge / 2, edge, edge);
    }
  }

  destroy(): void {
    this.#xy = new Float32Array();
  }
}
