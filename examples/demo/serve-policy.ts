/**
 * A Vite plugin that serves the built demo under the strictest Content-Security-Policies it runs with: what `e2p csp` prints. The page's is
 * also written into the page, for hosts that send no headers. The development server needs inline scripts for hot reload and gets none.
 * Only the loader downloads models, so only its policy names their hosts.
 */
import type { Plugin } from 'vite';
import { loaderPolicy, pagePolicy } from '../../src/worker/content-policy.ts';

/** @param modelHosts from which the loader may load, besides this one */
export function servePolicy(modelHosts: readonly string[]): Plugin {
  return {
    name: 'e2p-demo-policy',
    async configurePreviewServer({ middlewares }) {
      const policy = await pagePolicy();
      middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://demo').pathname;
        const isLoader = /\/assets\/loader-[^/]*\.js$/.test(path);
        response.setHeader('Content-Security-Policy', isLoader ? loaderPolicy({ modelHosts }) : policy);
        next();
      });
    },
    transformIndexHtml: {
      order: 'post',
      async handler(_, { server }) {
        if (server !== undefined) return [];
        // A frame's ancestors can be limited by a header only.
        const content = (await pagePolicy()).replace(/; frame-ancestors [^;]*/, '');
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
