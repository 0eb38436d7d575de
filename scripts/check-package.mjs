/**
 * `npm run package`: what is packed is whole (publint, are-the-types-wrong), its types compile without skipLibCheck in old and new
 * TypeScript, the main entry keeps its size, and the public surface is the one that is checked in (`docs/api/`; `--write` renews it).
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, pack } from './build.mjs';
import { contentFaults } from './check-release.mjs';
import { installDependencies, root, tellCounts } from './setup.mjs';

/**
 * What most pages import, and how much that may be with all it needs at once, minified and compressed; the rest is left out by bundlers. Workers are
 * fetched when they are started. A part of the vault that is loaded later costs more than it saves: what it shares with the others becomes chunks of their own.
 */
const USED = 'Personalizer, openUser';
const MOST_BYTES = 32 * 1024;
const COMPILERS = ['5.4', '5.9', '6', '7'];
const RESOLUTIONS = { bundler: 'esnext', nodenext: 'nodenext' };
/** What needs no other package. */
const USE = `
import { type Session, Personalizer } from 'e2p-web';
import { loadDefaultModel } from 'e2p-web/default-model';
import { evaluate } from 'e2p-web/evaluate';
import { Personalizer as NodePersonalizer } from 'e2p-web/node';
import { createLanguageModel, type LanguageModel } from 'e2p-web/prompt-api';
import { train, trainInWorker } from 'e2p-web/train';
import { personalize } from 'e2p-web/transformers';

const { model, projector, readers } = await loadDefaultModel();
const personalizer = await Personalizer.create({ model, projector });
await personalizer.user.set(readers[0]!.embedding);
const session: Session = await personalizer.createSession({ strength: 1 });
for await (const text of session.promptStreaming('x', { maxTokens: 3 })) console.log(text);
const model2: LanguageModel = await createLanguageModel({ model }).create({ samplingMode: 'balanced' });
for await (const text of model2.promptStreaming('x')) console.log(text);
console.log(NodePersonalizer.create, train, trainInWorker, evaluate);
const generator = await personalize(async (text: string) => text, { model: 'x', projector });
await generator.user.set(readers[0]!.embedding);
console.log(await generator('x'));
`;
/** What needs an optional peer, which is installed after the rest was compiled without. */
const USE_PEERS = `
import { createE2P, type E2PLanguageModel, type E2PProviderOptions } from 'e2p-web/ai-sdk';
import { Personalizer } from 'e2p-web/node';

const model: E2PLanguageModel = createE2P(await Personalizer.create({ model: 'x' }));
const e2p: E2PProviderOptions = { strength: 0.5 };
console.log(model.modelId, e2p);
`;
// The declarations of @ai-sdk/provider name `json-schema`, whose types it does not install.
const PEERS = ['@ai-sdk/provider', '@types/json-schema'];

installDependencies();
await build();
const work = mkdtempSync(join(tmpdir(), 'e2p-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const tarball = pack(work);
const checks = {
  'publint: no finding': () => program(['publint/src/cli.js', tarball, '--strict']),
  'are the types wrong: no finding': () =>
    program(['@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only']),
  'what is packed is what belongs there': checkContent,
  'e2p starts': () => program(['dist/js/cli.js', '--version'], root),
  ...typeChecks(),
  [`a page with ${USED} has at most ${MOST_BYTES / 1024} KiB`]: checkSize,
  'the public surface is the one in docs/api': checkSurface,
};
let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const failure = await check();
  if (failure !== undefined) failed++;
  console.log(`${failure === undefined ? 'passed' : 'FAILED'}  ${name}`);
  if (failure !== undefined) console.error(failure);
}
tellCounts(Object.keys(checks).length - failed, failed);

/** What it said, where it failed. */
function program(args, cwd = join(root, 'node_modules')) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return status === 0 ? undefined : stdout + stderr;
}

function checkContent() {
  const how = { cwd: root, encoding: 'utf8', maxBuffer: 1e8 };
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], how);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const faults = contentFaults(JSON.parse(stdout)[0], manifest);
  return faults.length > 0 ? faults.join('\n') : undefined;
}

function typeChecks() {
  const folder = join(work, 'types');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
  writeFileSync(join(folder, 'use.ts'), USE);
  writeFileSync(join(folder, 'use-peers.ts'), USE_PEERS);
  const install = (...packages) => {
    const how = ['install', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
    const { status, stderr } = spawnSync('npm', [...how, ...packages], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  install(tarball, ...COMPILERS.map((version) => `ts${version}@npm:typescript@${version}`));
  const strict = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2022,dom,dom.iterable',
    '--skipLibCheck',
    'false',
  ];
  const ways = COMPILERS.flatMap((version) =>
    Object.entries(RESOLUTIONS).map(([resolution, module]) => ({ version, resolution, module })),
  );
  const compile = ({ version, resolution, module }, file) => {
    const how = [...strict, '--moduleResolution', resolution, '--module', module, file];
    return program([`node_modules/ts${version}/bin/tsc`, ...how], folder);
  };
  return Object.fromEntries([
    ...ways.map((way) => [
      `types compile with TypeScript ${way.version}, ${way.resolution}`,
      () => compile(way, 'use.ts'),
    ]),
    [
      'types of entries for other packages compile beside them, with each of these',
      () => {
        install(...PEERS);
        const failures = ways.map((way) => compile(way, 'use-peers.ts')).filter((failure) => failure);
        return failures.length > 0 ? failures.join('\n') : undefined;
      },
    ],
  ]);
}

async function checkSize() {
  const { rolldown } = await import('rolldown');
  const app = join(work, 'app.mjs');
  writeFileSync(app, `export { ${USED} } from ${JSON.stringify(join(root, 'dist/js/index.js'))};\n`);
  const bundle = await rolldown({ input: app, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const atOnce = new Set();
  const follow = (name) => {
    if (atOnce.has(name)) return;
    atOnce.add(name);
    for (const next of output.find(({ fileName }) => fileName === name).imports) follow(next);
  };
  follow(output.find(({ isEntry }) => isEntry).fileName);
  const bytes = output
    .filter(({ fileName }) => atOnce.has(fileName))
    .reduce((sum, { code }) => sum + gzipSync(code).length, 0);
  console.log(`        ${bytes} bytes`);
  return bytes <= MOST_BYTES ? undefined : `${bytes} bytes, expected at most ${MOST_BYTES}`;
}

function checkSurface() {
  const [built, kept] = [join(root, 'dist/types'), join(root, 'docs/api')];
  if (process.argv.includes('--write')) {
    rmSync(kept, { recursive: true, force: true });
    cpSync(built, kept, { recursive: true });
  }
  const names = [...new Set([...readdirSync(built), ...readdirSync(kept)])];
  const read = (folder, name) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
  const different = names.filter((name) => read(built, name) !== read(kept, name));
  if (different.length === 0) return undefined;
  return `the public surface has changed: npm run package -- --write renews ${different.join(', ')}`;
}
