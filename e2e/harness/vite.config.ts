/**
 * Serves bare pages with what the tests call, and the models beside the checkout under `/models/` where they are. The pages are built first:
 * some three hundred modules, asked for one by one by every test, took a third of what a short test computes. The page of the
 * documentation gets its modules as they are, since it imports blocks by their paths.
 */
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type Plugin } from 'vite';
import { HARNESS_PORT as port } from '../ports.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const PAGES = ['index', 'adapters', 'gpu', 'storage', 'train', 'user'];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

const builtPages: Plugin = {
  name: 'built pages',
  async configureServer({ middlewares }) {
    // Of each run its own, should two go on at once.
    const outDir = path(`../../.cache/harness-${port}`);
    await build({
      ...{ root: path('.'), configFile: false, publicDir: false, logLevel: 'warn' },
      worker: { format: 'es' },
      build: {
        ...{ outDir, emptyOutDir: true, target: 'es2022', minify: false, chunkSizeWarningLimit: 10_000 },
        rolldownOptions: { input: PAGES.map((name) => path(`${name}.html`)) },
      },
    });
    middlewares.use(({ url = '/' }, response, next) => {
      const { pathname } = new URL(url, 'http://harness');
      const file = join(outDir, pathname === '/' ? 'index.html' : pathname);
      const found = statSync(file, { throwIfNoEntry: false });
      if (!found?.isFile()) return next();
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, 'content-length': found.size });
      createReadStream(file).pipe(response);
    });
  },
};

export default defineConfig({
  root: path('.'),
  plugins: [builtPages],
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
