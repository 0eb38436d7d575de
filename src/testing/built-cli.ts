/**
 * For vitest: the command line bundled as it is published, once for all tests that start it. From the sources a start takes ten times as long, most of
 * what they took.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The program, for tests. */
export const builtCli = (): string => process.env.E2P_BUILT_CLI!;

// biome-ignore lint/style/noDefaultExport: vitest looks for it
export default async function setUp(): Promise<() => void> {
  // @ts-expect-error A script of plain JavaScript.
  const { bundle, CLI } = await import('../../scripts/build.mjs');
  // Of each run its own, should two go on at once.
  const folder = `.cache/cli-${process.pid}`;
  await bundle(CLI, folder);
  process.env.E2P_BUILT_CLI = join(root, folder, 'cli.js');
  return () => rmSync(join(root, folder), { recursive: true, force: true });
}
