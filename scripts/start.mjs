/** `npm start`: sets up what is missing, builds the demo and serves it. */

import { join } from 'node:path';
import { buildSealed } from './build-sealed.mjs';
import { installDependencies, must, root } from './setup.mjs';

installDependencies();
await buildSealed();
const vite = join(root, 'node_modules/vite/bin/vite.js');
must(process.execPath, [vite, 'build', '--logLevel', 'warn']);
const desktop = process.stdout.isTTY && (process.platform !== 'linux' || process.env.DISPLAY);
console.log(
  `e2p-web: the demo is at http://localhost:${process.env.E2P_PORT ?? 5173} (cross-origin isolated; under a strict Content-Security-Policy)`,
);
must(process.execPath, [vite, 'preview', ...(desktop ? ['--open'] : [])]);
