/**
 * The workers that know the person, each as one self-contained file, and onnxruntime's WebAssembly beside them: `sealed/`. A page reads
 * them as text and as bytes, and hands both to a frame that has no network (`src/worker/sealed-frame.ts`); so no bundler takes them apart.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const OUT = join(root, 'sealed');
const WORKERS = { engine: 'src/worker/engine-worker.ts', trainer: 'src/worker/train-worker.ts' };
const WASM = /^ort-wasm-simd-threaded(\.jspi|\.asyncify)?\.wasm$/;

/** Builds what is older than its sources. */
export async function buildSealed() {
  const newest = Math.max(...sourceFiles(join(root, 'src')).map((file) => statSync(file).mtimeMs));
  const built = join(OUT, 'trainer-text.js');
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  const { rolldown } = await import('rolldown');
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
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
    const { code } = output[0];
    writeFileSync(join(OUT, `${name}.js`), code);
    writeFileSync(join(OUT, `${name}-text.js`), `export default ${JSON.stringify(code)};\n`);
    writeFileSync(join(OUT, `${name}-text.d.ts`), 'declare const text: string;\nexport default text;\n');
  }
  const dist = join(root, 'node_modules/onnxruntime-web/dist');
  for (const file of readdirSync(dist).filter((name) => WASM.test(name))) {
    copyFileSync(join(dist, file), join(OUT, file));
  }
}

const sourceFiles = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(folder, path));

if (process.argv[1]?.endsWith('build-sealed.mjs')) await buildSealed();
