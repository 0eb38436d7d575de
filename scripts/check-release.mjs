/** What keeps a version from being released, as sentences; empty where nothing does. Nothing here changes a file or asks the network. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the tarball and of what it unpacks to: twice that of 0.1.0 is a mistake. */
const MOST_BYTES = { size: 40e6, unpackedSize: 120e6 };
/** Tests, texts of workers that dist has already, the large form of the default model, and whatever begins with a dot. */
const UNWANTED =
  /\.test\.|^sealed\/.*-text\.js$|\/onnx\/model\.onnx$|node_modules|(^|\/)\.(?!\.)|\.tsbuildinfo$|package-lock/;
const WANTED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'sealed/LICENSES.txt', 'dist/js/cli.js'];
/** https://semver.org */
const VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** @param folder a clone */
export function releaseFaults(folder) {
  const read = (path) => readFileSync(join(folder, path), 'utf8');
  const git = (...args) => spawnSync('git', args, { cwd: folder, encoding: 'utf8' }).stdout.trim();
  const { version, publishConfig, repository } = JSON.parse(read('package.json'));
  const faults = [];
  if (!VERSION.test(version))
    faults.push(`package.json has version ${version}, expected one as semver has it`);
  const changes = git('status', '--porcelain');
  if (changes !== '') faults.push(`the working tree has changes that are not committed:\n${changes}`);
  if (git('tag', '--list', `v${version}`) !== '')
    faults.push(`v${version} is tagged already, expected a new version in package.json`);
  const [, entry] =
    new RegExp(`^## ${version.replaceAll('.', '\\.')}\\n+([^#]*)`, 'm').exec(read('CHANGELOG.md')) ?? [];
  if (!entry?.trim()) faults.push(`CHANGELOG.md has no text under ## ${version}`);
  const [, cited] = /^version: (.*)$/m.exec(read('CITATION.cff')) ?? [];
  if (cited !== version) faults.push(`CITATION.cff has version ${cited}, expected ${version}`);
  const { packages } = JSON.parse(read('package-lock.json'));
  if (packages[''].version !== version)
    faults.push(
      `package-lock.json has version ${packages[''].version}, expected ${version}: npm install --package-lock-only`,
    );
  if (publishConfig?.provenance !== true || publishConfig.access !== 'public')
    faults.push('package.json has no publishConfig with access public and provenance true');
  if (!repository?.url?.startsWith('git+https://github.com/'))
    faults.push('package.json has no repository on GitHub, which a provenance is about');
  return faults;
}

/**
 * @param packed of `npm pack --json`: files, size and unpackedSize in bytes
 * @param manifest package.json
 */
export function contentFaults({ files, ...sizes }, manifest) {
  const paths = files.map(({ path }) => path);
  const { exports, bin } = manifest;
  const entries = Object.values(exports).flatMap((each) =>
    typeof each === 'string' ? [each] : Object.values(each),
  );
  const named = [...entries, ...Object.values(bin)].map((path) => path.replace(/^\.\//, ''));
  const missing = [...WANTED, ...named].filter((path) => !path.includes('*') && !paths.includes(path));
  const unwanted = paths.filter((path) => UNWANTED.test(path));
  return [
    ...missing.map((path) => `${path} is not in the package`),
    ...unwanted.map((path) => `${path} is in the package`),
    ...Object.entries(MOST_BYTES).flatMap(([name, most]) =>
      sizes[name] > most ? [`${name} is ${sizes[name]} bytes, expected at most ${most}`] : [],
    ),
  ];
}
