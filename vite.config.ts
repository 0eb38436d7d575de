/**
 * The demo page: served in development, built with everything bundled for static hosting. The library itself is
 * built by `npm run build`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { DEMO_PORT as port } from './e2e/ports.ts';
import { realLlm, serveLlm } from './examples/demo/serve-llm.ts';
import { servePolicy } from './examples/demo/serve-policy.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Cross-origin isolation: SharedArrayBuffer, and with it WASM threads. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

const publicDir = join(root, 'public');
const sources = {
  publicDir,
  from: process.env.E2P_LLM || undefined,
  encoderFrom: process.env.E2P_ENCODER || undefined,
};
const llm = realLlm(sources);

export default defineConfig({
  root: join(root, 'examples/demo'),
  publicDir,
  base: './',
  build: {
    outDir: join(root, 'dist-demo'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: {
        index: join(root, 'examples/demo/index.html'),
        'real-llm': join(root, 'examples/demo/real-llm.html'),
        sw: join(root, 'examples/demo/sw.ts'),
      },
      // The service worker needs an address that stays, at the top, because its folder is what it may serve.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
  plugins: [servePolicy(llm?.hosts ?? []), serveLlm(llm, sources)],
  server: { port, strictPort: true, headers },
  preview: { port, strictPort: true, headers },
});
