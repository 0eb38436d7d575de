/** `npm run privacy [-- minutes]`: the attacks on the seal, with the network watched for so many minutes of use (default 10). */
import { ensureChromium, installDependencies, root, tool } from './setup.mjs';

installDependencies();
process.chdir(root);
const minutes = process.argv[2] ?? '10';
const env = { ...process.env, CHROMIUM_PATH: ensureChromium(), E2P_PRIVACY_MINUTES: minutes, CI: '1' };
process.exitCode = tool(
  '@playwright/test/cli.js',
  ['test', 'e2e/seal', 'e2e/born-sealed', '--reporter=list'],
  { env },
)
  ? 0
  : 1;
