/**
 * `npm run build`: what is published. The entries as ES modules with their dependencies inside, so that a page needs no bundler; one
 * declaration file each; and the workers (`build-sealed.mjs`). The files lie as deep as their sources, since addresses of files beside
 * them are relative.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSealed } from './build-sealed.mjs';
import { must, root } from './setup.mjs';

/** What apps import; benchmarks and tools too (`src/rooms.test.ts`). */
export const TYPED_ENTRIES = {
  index: 'src/index.ts',
  node: 'src/node.ts',
  train: 'src/train.ts',
  evaluate: 'src/evaluate/index.ts',
  'default-model': 'src/generate/default-model.ts',
  'prompt-api': 'src/prompt-api/index.ts',
  'ai-sdk': 'src/ai-sdk/index.ts',
  transformers: 'src/transformers/index.ts',
};
/** What an app installs itself, where it needs it. */
const PEERS = [/^node:/, /^onnxruntime-/, '@huggingface/transformers'];
/** Whose declarations ours refer to; an app that uses such an entry has them. */
const TYPE_PEERS = ['@ai-sdk/provider'];
/** `Symbol.asyncDispose`, for apps whose own `lib` is older (TypeScript has it since 5.2). */
const BANNER = '/// <reference lib="esnext.disposable" />';

export const CLI = { cli: 'src/cli/main.ts' };

/** @param folder in the repository, two deep */
export async function bundle(input, folder) {
  const { rolldown } = await import('rolldown');
  const code = await rolldown({
    ...{ cwd: root, input, external: PEERS, platform: 'neutral' },
    resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
    // What Node 20 reads: it knows no `using`.
    transform: { target: 'es2022' },
  });
  await code.write({ dir: join(root, folder), format: 'esm', chunkFileNames: '[name].js' });
  await code.close();
}

export async function build() {
  const { rolldown } = await import('rolldown');
  await buildSealed();
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  await bundle({ ...TYPED_ENTRIES, ...CLI }, 'dist/js');
  const { dts } = await import('rolldown-plugin-dts');
  const plugins = [dts({ dtsOnly: true, tsconfig: join(root, 'tsconfig.json') })];
  const types = await rolldown({
    cwd: root,
    input: TYPED_ENTRIES,
    external: TYPE_PEERS,
    plugins,
    logLevel: 'warn',
  });
  await types.write({ dir: join(root, 'dist/types'), chunkFileNames: '[name].ts', banner: BANNER });
  await types.close();
}

/** @returns the package's path */
export function pack(folder) {
  must('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]);
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return join(folder, `${name}-${version}.tgz`);
}

if (process.argv[1]?.endsWith('build.mjs')) await build();
