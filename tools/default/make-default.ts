/**
 * Makes everything that ships as the default, from a seed: base model, projector, the control "constant", the demo's
 * readers and stories, and the results. `--smoke` takes the same path with toys in under a minute, into
 * `.cache/smoke/`. `npm run make:default [-- --smoke]`
 */
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { command as manifest } from '../../src/cli/manifest.ts';

const MODEL = 'public/models/e2p-tiny';
/** What a page downloads for the default, model and projector together, must stay small. */
const MAX_BYTES = 4_000_000;

const { values } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } });
const { smoke } = values;
const started = performance.now();

const folder = smoke ? '.cache/smoke/model' : MODEL;
const constant = smoke ? '.cache/smoke/constant.json' : 'docs/results/default-constant.json';
const mode = smoke ? ['--smoke'] : [];
const steps = smoke ? ['--steps', '40'] : [];

await program('make-base-model.ts', '--out', folder, ...mode);
// Two processes of one thread each are faster than one of two.
await Promise.all([
  program('make-projector.ts', '--model', folder, ...steps, ...mode),
  program('make-projector.ts', '--model', folder, '--kind', 'constant', '--out', constant, ...steps, ...mode),
]);
// What a browser checks the download against, chunk by chunk.
await manifest.run([folder]);
if (!smoke) {
  await program('demo-data.ts', '--out', 'public/world');
  await program('inside.ts', '--model', folder, '--out', 'public/world');
}
const report = smoke ? ['--out', '.cache/smoke/default.md', '--per-task', '1', '--no-verdict'] : [];
await program('evaluate-default.ts', '--model', folder, '--constant', constant, ...report, ...mode);

const bytes = sizeOf(folder);
console.log(
  `${folder}: ${bytes} bytes; made in ${((performance.now() - started) / 60_000).toFixed(1)} minutes`,
);
if (bytes > MAX_BYTES) {
  console.error(`expected at most ${MAX_BYTES} bytes`);
  process.exitCode = 1;
}

/** Runs one of the programs beside this file; ends all if it fails. */
function program(name: string, ...args: string[]): Promise<void> {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else process.exit(code ?? 1);
    });
  });
}

function sizeOf(path: string): number {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => statSync(join(path, file)))
    .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
}
