/**
 * The GPU check itself, in plain JavaScript so that it runs wherever there are Node and a Chromium: serves the folder it lies in, opens the
 * page in the browser and writes down what the page finds. `node run.mjs [--out gpu.json] [--chromium PATH] [--smoke]`
 */
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'gpu.json' },
    chromium: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    log: { type: 'string' },
    /** Minutes after which what was found so far has to do. */
    minutes: { type: 'string', default: '8' },
  },
});
const folder = import.meta.dirname;
const browsers = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
const chromium = values.chromium ?? process.env.CHROMIUM_PATH ?? browsers.find((path) => existsSync(path));
if (chromium === undefined) {
  console.error(`gpu: no Chromium at ${browsers.join(', ')}: name one with --chromium`);
  process.exit(2);
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const plan = {
  ...JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')),
  smoke: values.smoke,
};
/** The browser keeps the card's name to itself. */
const nvidia = spawnSync('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']);
const report = {
  date: new Date().toISOString().slice(0, 10),
  ...(nvidia.status === 0 && { card: nvidia.stdout.toString().trim().replace(', ', ', driver ') }),
  placements: [],
  exports: [],
  models: [],
  texts: [],
  failures: [],
};
const started = Date.now();
let end;
const ended = new Promise((resolve) => {
  end = resolve;
});

function take(finding) {
  const { kind, found, text, ...rest } = finding;
  const at = `${((Date.now() - started) / 1000).toFixed(0)} s`;
  if (kind === 'log') console.log(`${at}  ${text}`);
  else if (kind === 'device') Object.assign(report, rest);
  else if (found !== undefined) {
    report[kind].push(found);
    if (kind !== 'exports') console.log(`${at}  ${kind}: ${JSON.stringify(found)}`);
  } else end(kind === 'no-gpu' ? text : undefined);
}

const server = createServer(async (request, response) => {
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
  };
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  if (request.method === 'POST') {
    const parts = [];
    for await (const part of request) parts.push(part);
    take(JSON.parse(Buffer.concat(parts).toString()));
    return response.writeHead(204, headers).end();
  }
  if (path === '/plan.json') return response.writeHead(200, headers).end(JSON.stringify(plan));
  const name = normalize(path === '/' ? '/index.html' : path);
  const body = await ['page', '.']
    .reduce((last, sub) => last.catch(() => readFile(join(folder, sub, name))), Promise.reject())
    .catch(() => undefined);
  if (body === undefined) return response.writeHead(404, headers).end();
  response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream' });
  response.end(request.method === 'HEAD' ? undefined : body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const profile = mkdtempSync(join(tmpdir(), 'e2p-gpu-'));
const child = spawn(
  chromium,
  [
    ...[
      '--headless',
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--no-first-run',
      `--user-data-dir=${profile}`,
    ],
    // Dawn has float16 on NVIDIA under Linux behind a switch.
    ...['--enable-unsafe-webgpu', '--enable-logging=stderr'],
    '--enable-dawn-features=vulkan_enable_f16_on_nvidia',
    ...(values.smoke
      ? ['--use-webgpu-adapter=swiftshader']
      : [
          '--ignore-gpu-blocklist',
          '--enable-features=Vulkan',
          '--use-angle=vulkan',
          '--disable-vulkan-surface',
        ]),
    `http://localhost:${server.address().port}/`,
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);
child.stderr.pipe(values.log ? createWriteStream(values.log) : process.stderr);
child.on('exit', (code) => end(`the browser ended with ${code}`));
const timer = setTimeout(
  () => end(`not done after ${values.minutes} minutes`),
  60_000 * Number(values.minutes),
);
const trouble = await ended;
clearTimeout(timer);
if (child.exitCode === null) {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
server.close();
server.closeAllConnections();
rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
if (trouble !== undefined) console.error(`gpu: ${trouble}`);
if (report.adapter !== undefined) {
  writeFileSync(
    values.out,
    `${JSON.stringify({ ...report, seconds: (Date.now() - started) / 1000 }, null, 1)}\n`,
  );
  console.log(`written: ${values.out}`);
}
process.exitCode = trouble === undefined ? 0 : 1;
