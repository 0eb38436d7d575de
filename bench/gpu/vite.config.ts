/** The page of the GPU check as plain files, which a server of any kind can serve. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  root: path('.'),
  base: './',
  publicDir: false,
  build: {
    ...{ outDir: path('../../.cache/gpu/page'), emptyOutDir: true, target: 'es2022', minify: false },
    rollupOptions: { input: [path('index.html'), path('placement.html')] },
  },
  worker: { format: 'es' },
});
