/// <reference lib="esnext.disposable" />
import "./user-embedding.js";
import "./common-surface.js";
import "./fuse-embeddings.js";
import "./handed-files.js";
import "./load-progress.js";
/** `auto`: WebGPU where it computes right, else WASM. */
type DeviceRequest = 'auto' | 'webgpu' | 'wasm';
/** What the page can know about where personal data is and who shuts which way out: facts and their means, no promise. */
interface ExitState {
  /** `fetch`, `navigator.locks`, `Cache.prototype.put`, `import()` … */
  readonly name: string;
  /** `absent`: there is no such thing here. */
  readonly state: 'shut' | 'absent' | 'open';
  /**
   * `policy`: the browser, by the Content-Security-Policy that the worker was born with. `origin`: the browser, since the worker's origin
   * is of its own and has no storage. `script`: a gate in the worker throws.
   */
  readonly by: 'policy' | 'origin' | 'script' | 'absence' | 'nothing';
}
/** Which ways out of the engine are shut, by whom, and what is not sealed. */
interface PrivacyReport {
  /** `sealed`: the engine worker, which alone has the personal data, was born without network and can only talk to its page. */
  readonly phase: 'sealed';
  readonly exits: readonly ExitState[];
  /** What is not sealed, in sentences for people. Never empty: the page itself is the app's business. */
  readonly notSealed: readonly string[];
}
/** Where a page serves files of the package's folder `sealed/` itself; whatever is absent the library finds by itself. */
interface SealedFiles {
  /**
   * URL of `engine.js`, served from the page's own origin with the Content-Security-Policy that `e2p csp` prints: for pages whose own
   * policy does not allow the frame that the engine is otherwise born in.
   */
  readonly engine?: string | undefined;
  /** URL of `loader.js`, of the page's own origin: for pages whose own policy allows no worker of a blob, or no request to where models are. */
  readonly loader?: string | undefined;
  /** URL of a folder with the three `.wasm` files: for bundlers that do not know `new URL('…', import.meta.url)`. */
  readonly wasm?: string | undefined;
}
export { DeviceRequest as i, ExitState as n, PrivacyReport as r, SealedFiles as t };