/**
 * `npm run gpu`: whether this machine's GPU computes what its CPU computes, in Chromium, and how fast; into `docs/results/gpu.json` and `.md`.
 * The folder `.cache/gpu` that it makes runs by itself, without a network: `node run.mjs` on a machine with Node and a Chromium.
 *
 *   --model FOLDER   of SmolLM2-135M-Instruct too, in the precision --dtype (default q4), with the projector that ships
 *   --build          makes the folder, 60 MB at most, and runs nothing
 *   --report FILE    writes the page of what a run elsewhere found
 *   --smoke          a few exports, two layers, any adapter: tries the check itself
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { chromiumPath } from '../e2e/chromium.ts';
import { DTYPE_SUFFIX } from '../src/model/model-config.ts';
import type { Dtype } from '../src/node.ts';
import { exportRows, STRUCTURES } from '../src/testing/exports/structure.ts';
import { gpuPage } from './gpu/gpu-page.ts';
import type { Plan } from './gpu/plan.ts';
import type { GpuReport } from './gpu/report.ts';

const RESULTS = 'docs/results/gpu';
const OUT = resolve('.cache/gpu');
const SMOLLM2 = 'SmolLM2-135M-Instruct';
/** To be carried to a machine with a GPU; a model of `--model` comes on top. */
const MOST_BYTES = 60e6;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    dtype: { type: 'string', default: 'q4' },
    build: { type: 'boolean', default: false },
    report: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});

const wrong = [
  ...[values.report, values.model].flatMap((path) =>
    path === undefined || existsSync(path) ? [] : [`${path} is not there`],
  ),
  ...(Object.hasOwn(DTYPE_SUFFIX, values.dtype)
    ? []
    : [`--dtype is ${values.dtype}, expected one of ${Object.keys(DTYPE_SUFFIX).join(', ')}`]),
];
if (wrong.length > 0) {
  console.error(`gpu: ${wrong.join('; ')}`);
  process.exitCode = 2;
} else if (values.report !== undefined) report(values.report);
else {
  await prepare(values.model, values.dtype as Dtype, values.smoke);
  if (!values.build) run(values.smoke);
}

async function prepare(model: string | undefined, dtype: Dtype, smoke: boolean): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  await build({ configFile: 'bench/gpu/vite.config.ts', logLevel: 'warn' });
  // For browsers without JSPI, which Chromium has had since 137.
  const assets = join(OUT, 'page/assets');
  for (const name of readdirSync(assets)) if (name.includes('.asyncify-')) rmSync(join(assets, name));
  copyFileSync('bench/gpu/run.mjs', join(OUT, 'run.mjs'));
  mkdirSync(join(OUT, 'structures'));
  for (const part of ['models', 'projectors', 'world'])
    cpSync(join('public', part), join(OUT, part), { recursive: true });
  if (model !== undefined) symlinkSync(resolve(model), join(OUT, 'model'));
  const right = exportRows().filter(({ generates }) => generates === 'right');
  const first = new Map(right.toReversed().map((row) => [row.architecture, row]));
  // What is made for WebGPU, one of each architecture, and a fourth of the others.
  const exports = right.filter((row, i) =>
    smoke
      ? i % 60 === 0
      : /webgpu|f16/.test(row.exporter) || first.get(row.architecture) === row || i % 4 === 0,
  );
  for (const { file } of exports) copyFileSync(new URL(file, STRUCTURES), join(OUT, 'structures', file));
  const plan: Plan = {
    smoke,
    texts:
      model === undefined
        ? []
        : [
            {
              ...{ model: '/model', dtype, people: '/world/llm-people' },
              projector: '/projectors/smollm2-135m-instruct.safetensors',
              prompt: 'Suggest something for me to do this weekend.',
            },
          ],
    models: [
      { name: 'e2p-tiny', url: '/models/e2p-tiny', dtype: 'q4', train: !smoke },
      ...(model === undefined ? [] : [{ name: SMOLLM2, url: '/model', dtype, train: true }]),
      { name: '', dtype: 'q4', train: false, ...(smoke && { layers: 1 }) },
    ],
    exports,
  };
  writeFileSync(join(OUT, 'plan.json'), JSON.stringify(plan));
  const bytes = readdirSync(OUT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  console.log(
    `gpu: ${OUT} has ${(bytes / 1e6).toFixed(1)} MB${model === undefined ? '' : ', and the model'}`,
  );
  if (bytes > MOST_BYTES) throw new Error(`${OUT} has ${bytes} bytes, expected ${MOST_BYTES} at most`);
}

function run(smoke: boolean): void {
  const out = join(OUT, 'gpu.json');
  const chromium = chromiumPath();
  const args = [
    ...['run.mjs', '--out', out, '--log', join(OUT, 'chromium.log'), ...(smoke ? ['--smoke'] : [])],
    ...(chromium === undefined ? [] : ['--chromium', chromium]),
  ];
  const { status } = spawnSync(process.execPath, args, { cwd: OUT, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (status === 0 && !smoke) report(out);
}

function report(file: string): void {
  const found = JSON.parse(readFileSync(file, 'utf8')) as GpuReport;
  writeFileSync(`${RESULTS}.json`, `${JSON.stringify(found, null, 1)}\n`);
  writeFileSync(`${RESULTS}.md`, gpuPage(found));
  console.log(`written: ${RESULTS}.md`);
}
