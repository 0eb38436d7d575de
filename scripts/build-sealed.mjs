/**
 * The workers, each as one self-contained file, and onnxruntime's WebAssembly beside them: `sealed/`. A page has the workers as text and
 * starts them from blobs, those that know the person in a frame that has no network (`src/worker/sealed-frame.ts`); so no bundler takes
 * them apart.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const OUT = join(root, 'sealed');
const WORKERS = {
  loader: 'src/worker/loader-worker.ts',
  engine: 'src/worker/engine-worker.ts',
  trainer: 'src/worker/train-worker.ts',
};
const WASM = /^ort-wasm-simd-threaded(\.jspi|\.asyncify)?\.wasm$/;

/** Builds what is older than its sources. */
export async function buildSealed() {
  const newest = Math.max(...sourceFiles(join(root, 'src')).map((file) => statSync(file).mtimeMs));
  const built = join(OUT, 'trainer-text.js');
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  const { rolldown } = await import('rolldown');
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
  const packages = new Set();
  for (const [name, input] of Object.entries(WORKERS)) {
    const bundle = await rolldown({
      input: join(root, input),
      platform: 'browser',
      logLevel: 'warn',
      // A classic script: a module can't be started from a blob in an opaque origin. Its own address is what helper threads run.
      transform: { define: { 'import.meta.url': 'self.location.href' } },
    });
    const { output } = await bundle.generate({ format: 'iife', codeSplitting: false, minify: true });
    await bundle.close();
    if (output.length !== 1) throw new Error(`${name} became ${output.length} files, expected one`);
    const { code, moduleIds } = output[0];
    for (const id of moduleIds) {
      const [, folder] = /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)/.exec(id) ?? [];
      if (folder !== undefined) packages.add(folder);
    }
    writeFileSync(join(OUT, `${name}.js`), code);
    writeFileSync(join(OUT, `${name}-text.js`), `export default ${JSON.stringify(code)};\n`);
    writeFileSync(join(OUT, `${name}-text.d.ts`), 'declare const text: string;\nexport default text;\n');
  }
  writeFileSync(join(OUT, 'LICENSES.txt'), [...packages].toSorted().map(licenceOf).join('\n\n'));
  const dist = join(root, 'node_modules/onnxruntime-web/dist');
  for (const file of readdirSync(dist).filter((name) => WASM.test(name))) {
    copyFileSync(join(dist, file), join(OUT, file));
  }
}

/** Of a package whose code is in what we publish: what it asks to be kept. */
function licenceOf(folder) {
  const { name, version, license, homepage } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|thirdparty)/i.test(file));
  const body = texts.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  return `== ${name} ${version} (${license})\n\n${body || homepage}`;
}

const sourceFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(folder, path));

if (process.argv[1]?.endsWith('build-sealed.mjs')) await buildSealed();
