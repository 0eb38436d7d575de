/**
 * `npm run examples [name …]`: packs the package, and does with each small app in `examples/` what its reader would: a fresh folder,
 * `npm install`, build, serve, open in Chromium. Each has to write eight headlines for eight readers, without a request to another host.
 * What was found goes into docs/results/bundlers.json and bundlers.md.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build, pack } from './build.mjs';
import { ensureChromium, installDependencies, root, tellCounts } from './setup.mjs';
import { tryReact } from './try-react.mjs';

const vite = (version) => [
  {
    name: `Vite ${version}, build`,
    app: 'vite',
    install: [`vite@${version}`],
    run: ['build'],
    serve: 'dist',
  },
  {
    name: `Vite ${version}, development server`,
    app: 'vite',
    install: [`vite@${version}`],
    start: ['dev', '--port'],
  },
];
const CASES = [
  ...[5, 6, 7, 8].flatMap(vite),
  {
    ...{
      name: 'Vite 7, development server, without its line of configuration',
      app: 'vite',
      install: ['vite@7'],
    },
    ...{
      without: 'vite.config.js',
      start: ['dev', '--port'],
      says: "optimizeDeps: { exclude: ['e2p-web'] }",
    },
  },
  { name: 'React 19, build', app: 'react', run: ['build'], serve: 'dist', drive: tryReact },
  {
    name: 'React 19, development server, strict mode',
    ...{ app: 'react', start: ['dev', '--port'], drive: tryReact },
  },
  { name: 'webpack 5', app: 'webpack', run: ['build'], serve: 'dist' },
  { name: 'Next 16, build and start', app: 'next', run: ['build'], start: ['start', '--port'] },
  { name: 'Next 16, development server', app: 'next', start: ['dev', '--port'] },
  { name: 'Rspack 2', app: 'rspack', run: ['build'], serve: 'dist' },
  { name: 'esbuild', app: 'esbuild', run: ['build'], serve: 'www' },
  { name: 'import map, no bundler', app: 'import-map', serve: '.' },
  { name: 'Web Extension (Manifest V3)', app: 'extension', run: ['build'], extension: 'extension' },
  { name: 'Node', app: 'node', node: ['start'] },
];
const NEEDS = {
  vite: "none for a build; up to Vite 7 `optimizeDeps: { exclude: ['e2p-web'] }` for the development server",
  react: "the plugin of Vite's for React",
  webpack: 'none',
  next: 'none; the library is called in an effect, since it needs a browser',
  rspack: 'none',
  esbuild:
    'copies `sealed` and `public` of the package to where the bundle looks for them: two folders above it',
  'import-map': 'a line for each entry that is used; everything else is inside',
  extension: "as esbuild; `'wasm-unsafe-eval'` in the manifest; the options `loader` and `engine`",
  node: '`onnxruntime-node` beside it; its install script is not needed',
};
const HEADLINES = 8;
const PATIENCE_MS = 120_000;
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

installDependencies();
await build();
const work = mkdtempSync(join(tmpdir(), 'e2p-examples-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const tarball = pack(work);
const { chromium } = await import('@playwright/test');
const executablePath = ensureChromium();

const wanted = process.argv.slice(2);
const results = [];
for (const each of CASES.filter(({ app }) => wanted.length === 0 || wanted.includes(app))) {
  const started = Date.now();
  const failure = await tryCase(each).catch((error) => String(error.stack ?? error));
  const seconds = Math.round((Date.now() - started) / 1000);
  results.push({ name: each.name, app: each.app, works: failure === undefined });
  console.log(`${failure === undefined ? 'works' : 'FAILS'}  ${each.name} (${seconds} s)`);
  if (failure !== undefined) console.error(failure);
}
const failed = results.filter(({ works }) => !works).length;
const FOUND = join(root, 'docs/results/bundlers.json');
const before = JSON.parse(readFileSync(FOUND, 'utf8'));
const versions = { node: process.version, chromium: await chromiumVersion() };
// A few take their places beside the others only where those were tried with the same versions.
if (wanted.length === 0 || (before.node === versions.node && before.chromium === versions.chromium)) {
  const known = CASES.flatMap(
    ({ name }) => [...results, ...before.results].find((each) => each.name === name) ?? [],
  );
  const found = { ...versions, results: known };
  writeFileSync(FOUND, `${JSON.stringify(found, null, 1)}\n`);
  writeFileSync(join(root, 'docs/results/bundlers.md'), pageOf(found));
}
tellCounts(results.length - failed, failed);

function pageOf({ node, chromium: browser, results }) {
  const rows = results.map(
    ({ name, app, works }) =>
      `| ${name} | [examples/${app}](../../examples/${app}) | ${NEEDS[app]} | ${works ? 'yes' : 'no'} |`,
  );
  return `# Bundlers

Made by \`npm run examples\` (Node ${node}, Chromium ${browser}, Linux): the package is packed, installed into a fresh folder with the bundler's newest release of that
number, built, served, and opened in Chromium. It works where eight readers get eight headlines and no other host is asked. The development server without its line has to
fail with an error that names the line. Not tried: other browsers, macOS, Windows.

| with | app | configuration | works |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

async function chromiumVersion() {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const version = browser.version();
  await browser.close();
  return version;
}

/** What is wrong, or undefined. */
async function tryCase({ app, install = [], without, run, serve, start, extension, node, says, drive }) {
  const folder = join(work, app + (install[0] ?? '').replace('@', '-'));
  if (!existsSync(folder)) {
    mkdirSync(folder);
    cpSync(join(root, 'examples', app), folder, { recursive: true });
    command(folder, ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball, ...install]);
  }
  // What its development server prepared before goes too.
  if (without !== undefined)
    for (const path of [without, 'node_modules/.vite'])
      rmSync(join(folder, path), { recursive: true, force: true });
  if (run !== undefined) command(folder, ['run', ...run]);
  if (node !== undefined) {
    return judge(
      command(folder, ['run', '--silent', ...node])
        .trim()
        .split('\n'),
      [],
    );
  }
  if (extension !== undefined) return openExtension(join(folder, extension));
  if (serve !== undefined) {
    const site = await serveFolder(join(folder, serve));
    try {
      return await openPage(site.url, drive);
    } finally {
      site.close();
    }
  }
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawn(npm, ['run', start[0], '--', ...start.slice(1), String(port)], {
    ...{ cwd: folder, detached: true, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' } },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  try {
    const url = `http://localhost:${port}/`;
    const deadline = Date.now() + PATIENCE_MS;
    while (
      !(await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (Date.now() > deadline || child.exitCode !== null) return `the server did not start: ${said}`;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const failure = await openPage(url, drive);
    if (says === undefined) return failure;
    return failure?.includes(says) ? undefined : `expected an error that says ${says}, found: ${failure}`;
  } finally {
    process.kill(-child.pid);
  }
}

function command(cwd, args) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', CI: '1' };
  const { status, stdout, stderr } = spawnSync(npm, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

async function openPage(url, drive) {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext();
    return await readHeadlines(context, (page) => page.goto(url), new URL(url).origin, drive);
  } finally {
    await browser.close();
  }
}

async function openExtension(folder) {
  const profile = mkdtempSync(join(work, 'profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...{ executablePath, headless: true },
    args: [
      '--no-sandbox',
      '--headless=new',
      `--disable-extensions-except=${folder}`,
      `--load-extension=${folder}`,
    ],
    ignoreDefaultArgs: ['--disable-extensions'],
  });
  try {
    const page = await context.newPage();
    await page.goto('chrome://extensions');
    // The browser has some of its own, and ours may be loading.
    const found = await page.waitForFunction(async () => {
      const all = await chrome.developerPrivate.getExtensionsInfo();
      return all.find(({ location }) => location === 'UNPACKED')?.id;
    });
    const id = await found.jsonValue();
    const origin = `chrome-extension://${id}`;
    return await readHeadlines(context, (opened) => opened.goto(`${origin}/panel.html`), origin);
  } finally {
    await context.close();
  }
}

async function readHeadlines(context, open, origin, drive = readLines) {
  const elsewhere = [];
  const said = [];
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) elsewhere.push(url);
  });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  await open(page);
  const failure = await drive(page).then(
    (lines) => judge(lines, elsewhere),
    (error) => String(error),
  );
  return failure === undefined ? undefined : [failure, ...said].join('\n');
}

async function readLines(page) {
  const lines = page.locator('p');
  const deadline = Date.now() + PATIENCE_MS;
  while ((await lines.count()) < HEADLINES && Date.now() < deadline) {
    if (/Error/.test(await page.locator('body').innerText())) break;
    await page.waitForTimeout(200);
  }
  return lines.allInnerTexts();
}

function judge(lines, elsewhere) {
  const texts = new Set(lines.map((line) => line.replace(/^\w+: /, '')));
  if (elsewhere.length > 0) return `asked another host: ${elsewhere.join(' ')}`;
  if (
    lines.length === HEADLINES &&
    lines.every((line) => /^\w+: \S/.test(line)) &&
    texts.size > HEADLINES / 2
  )
    return undefined;
  return `expected ${HEADLINES} headlines, found:\n${lines.join('\n')}`;
}

async function serveFolder(folder) {
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://site').pathname);
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
    if (!file.startsWith(folder) || !existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}
