/**
 * A Vite plugin that serves the built demo under the strictest Content-Security-Policies it runs with: what `e2p csp` prints. The page's is
 * also written into the page, for hosts that send no headers. The development server needs inline scripts for hot reload and gets none.
 * Only the engine worker downloads models, so only its policy names their hosts.
 */
import type { Plugin } from 'vite';
import { pagePolicy, workerPolicy } from '../../src/worker/content-policy.ts';

/** @param modelHosts from which the engine worker may load, besides this one */
export function servePolicy(modelHosts: readonly string[]): Plugin {
  return {
    name: 'e2p-demo-policy',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://demo').pathname;
        const isWorker = /\/assets\/engine-worker-[^/]*\.js$/.test(path);
        response.setHeader('Content-Security-Policy', isWorker ? workerPolicy({ modelHosts }) : pagePolicy());
        next();
      });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_, { server }) {
        if (server !== undefined) return [];
        // A frame's ancestors can be limited by a header only.
        const content = pagePolicy().replace(/; frame-ancestors [^;]*/, '');
        return [
          {
            tag: 'meta',
            attrs: { 'http-equiv': 'Content-Security-Policy', content },
            injectTo: 'head-prepend',
          },
        ];
      },
    },
  };
}
