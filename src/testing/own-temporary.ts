/** For vitest and Playwright: a folder for temporary files of the tests' own, which goes when they end, whatever they left in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// biome-ignore lint/style/noDefaultExport: both look for it
export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'e2p-tests-'));
  process.env.TMPDIR = folder;
  process.env.TEMP = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
