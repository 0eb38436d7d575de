/**
 * `npm run api`: the reference of the public surface as web pages, into dist-api/, by TypeDoc. It fails on a link that leads nowhere, on an
 * exported name without a comment, and where more members than before have none. TypeDoc reads programs through a TypeScript that has a
 * JavaScript interface, which 7 has not: both are installed into .cache/typedoc, beside the project's own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TYPED_ENTRIES } from './build.mjs';
import { buildSealed } from './build-sealed.mjs';
import { installDependencies, must, root, tellCounts } from './setup.mjs';

const TOOLS = ['typedoc@0.28.20', 'typescript@6.0.3'];
/** What is left of older code; to be lowered whenever it falls. Members: properties and parameters, whose name and type may say all. */
const AT_MOST = { 'members without a comment': 263, 'types that are used and not exported': 44 };
const EXPORTS = [
  'Variable',
  'Function',
  'Class',
  'Interface',
  'TypeAlias',
  'CallSignature',
  'ConstructorSignature',
];

installDependencies();
await buildSealed();
const folder = join(root, '.cache/typedoc');
mkdirSync(folder, { recursive: true });
const write = (name, content) => writeFileSync(join(folder, name), JSON.stringify(content));
if (!existsSync(join(folder, 'node_modules/typedoc'))) {
  write('package.json', { private: true });
  must('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', ...TOOLS]);
}
write('tsconfig.json', {
  extends: '../../tsconfig.json',
  compilerOptions: {
    types: ['node', '../../node_modules/@webgpu/types'],
    typeRoots: ['../../node_modules/@types'],
  },
  include: ['../../src'],
  exclude: ['../../src/**/*.test.ts'],
});
write('typedoc.json', {
  name: 'e2p-web',
  entryPoints: Object.values(TYPED_ENTRIES).map((path) => `../../${path}`),
  ...{ tsconfig: 'tsconfig.json', out: '../../dist-api', readme: 'none', disableSources: true },
  ...{ excludePrivate: true, excludeInternal: true },
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
});
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ['node_modules/typedoc/bin/typedoc', '--options', 'typedoc.json', '--pretty', 'false'],
  { cwd: folder, encoding: 'utf8' },
);
const lines = stdout
  .concat(stderr)
  .split('\n')
  .filter((line) => /\[(warning|error)\]/.test(line));
const undocumented = lines.filter((line) => line.includes('does not have any documentation'));
const ofExports = undocumented.filter((line) => EXPORTS.some((kind) => line.includes(`(${kind})`)));
const unexported = lines.filter((line) => line.includes('not included in the documentation'));
const others = lines.filter(
  (line) => ![...undocumented, ...unexported].includes(line) && !/Found 0 errors/.test(line),
);
const counts = {
  'members without a comment': undocumented.length - ofExports.length,
  'types that are used and not exported': unexported.length,
};
const checks = {
  'TypeDoc ends well': status === 0 ? [] : [stderr],
  'every exported name, and every method, has a comment': ofExports,
  'links lead somewhere, and there is no other warning': others,
  ...Object.fromEntries(
    Object.entries(AT_MOST).map(([what, most]) => [
      `${what}: at most ${most}`,
      counts[what] <= most ? [] : [`found ${counts[what]}`],
    ]),
  ),
};
for (const [name, faults] of Object.entries(checks)) {
  console.log(`${faults.length === 0 ? 'passed' : 'FAILED'}  ${name}`);
  for (const fault of faults) console.error(fault);
}
console.log(
  `        ${Object.entries(counts)
    .map(([what, count]) => `${what}: ${count}`)
    .join('; ')}`,
);
const failed = Object.values(checks).filter((faults) => faults.length > 0).length;
tellCounts(Object.keys(checks).length - failed, failed);
