/** Serves the sources to a bare page, and the models beside the checkout under `/models/` where they are. `node_modules` may be a link. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { HARNESS_PORT as port } from '../ports.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  publicDir: path('../../../shared'),
  cacheDir: path('../../.cache/vite-harness'),
  optimizeDeps: {
    exclude: ['onnxruntime-web'],
    include: [
      'pbf',
      'idb-keyval',
      'ml-matrix',
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      'ai',
      '@huggingface/transformers',
    ],
  },
  server: {
    port,
    strictPort: true,
    fs: { allow: [path('../..'), realpathSync(path('../../node_modules'))] },
  },
});
