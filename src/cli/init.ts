/**
 * `e2p init`: a small project that works, made of files that ship with the package: the app of `examples/vite`, and the readers of the shipped
 * model as a file of users.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { E2PError } from '../error.ts';
import type { DefaultReaders } from '../generate/default-model.ts';
import { defineCommand } from './command.ts';
import { prepareOutput, writeWhole } from './files.ts';
import { packageVersion } from './package-version.ts';

const APP = fileURLToPath(new URL('../../examples/vite', import.meta.url));
const READERS = fileURLToPath(new URL('../../public/world/readers.json', import.meta.url));
/** As the project finds it, once installed. */
const MODEL = 'node_modules/e2p-web/public/models/e2p-tiny';

async function init(folder: string): Promise<void> {
  const entries = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
  if (entries.some((name) => name !== '.git'))
    throw new E2PError('invalid-argument', `${folder} has files, expected a new or an empty folder`);
  const { readers, stories }: DefaultReaders = JSON.parse(readFileSync(READERS, 'utf8'));
  const users = readers.map(({ name, values }) => JSON.stringify({ user: name, embedding: values }));
  const files = new Map<string, Uint8Array | string>([
    ...appFiles().map((path) => [path, readFileSync(join(APP, path))] as const),
    ['package.json', packageJson(folder)],
    ['users.jsonl', users.map((line) => `${line}\n`).join('')],
  ]);
  for (const path of files.keys()) prepareOutput(join(folder, path));
  for (const [path, content] of files) await writeWhole(join(folder, path), [content]);
  console.log(
    `${folder}: ${[...files.keys()].join(', ')}\n\n${nextSteps(folder, readers[0]!.name, stories[0]!)}`,
  );
}

/** Without what an install or a build left there. */
function appFiles(): string[] {
  const made = ['node_modules', 'dist', 'package-lock.json'];
  return readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .filter((path) => !made.includes(path.split(sep)[0]!))
    .filter((path) => statSync(join(APP, path)).isFile())
    .toSorted();
}

function packageJson(folder: string): string {
  const app = JSON.parse(readFileSync(join(APP, 'package.json'), 'utf8'));
  // What npm takes for a name.
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const dependencies = { ...app.dependencies, 'e2p-web': `^${packageVersion()}` };
  return `${JSON.stringify({ ...app, name: name || app.name, dependencies }, null, 2)}\n`;
}

function nextSteps(folder: string, user: string, prompt: string): string {
  const path = /^[\w./-]+$/.test(folder) ? folder : JSON.stringify(folder);
  const into = resolve(folder) === process.cwd() ? '' : `cd ${path} && `;
  const model = `--model ${MODEL} --projector ${MODEL}/projector.safetensors`;
  return [
    `${into}npm install`,
    'npm run dev',
    `npm install --ignore-scripts onnxruntime-node && npx e2p generate ${model} --users users.jsonl --user ${user} --prompt '${prompt}'`,
  ].join('\n');
}

export const command = defineCommand({
  purpose:
    'Writes a small project that works into a new or empty folder: a page for Vite, and a file of users.',
  argument: '[folder]',
  options: {},
  examples: ['init my-app'],
  run: (_, folder) => init(folder || '.'),
});
