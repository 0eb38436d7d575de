/**
 * `npm run release`: whether this commit can be released as the version in package.json: a clean tree, a changelog, one version everywhere, a whole
 * package without what does not belong. Changes nothing; with `-- --tag` it makes the tag, whose push publishes (docs/development.md). Tests are
 * not run here: `npm test` of the same commit comes first.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { contentFaults, releaseFaults } from './check-release.mjs';
import { installDependencies, must, root, tellCounts } from './setup.mjs';

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--tag')) {
  console.error(`release: ${args.join(' ')}, expected nothing or --tag`);
  process.exit(2);
}
installDependencies();
await build();
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], {
  ...{ cwd: root, encoding: 'utf8', maxBuffer: 1e8 },
});
const packed = JSON.parse(stdout)[0];
const checks = {
  'version, changelog, tree': releaseFaults(root),
  'what is packed': contentFaults(packed, manifest),
};
for (const [name, faults] of Object.entries(checks)) {
  console.log(`${faults.length === 0 ? 'passed' : 'FAILED'}  ${name}`);
  for (const fault of faults) console.error(`        ${fault}`);
}
const tag = `v${manifest.version}`;
console.log(
  `${packed.filename}: ${packed.entryCount} files, ${packed.size} bytes, unpacked ${packed.unpackedSize}`,
);
const failed = Object.values(checks).filter((faults) => faults.length > 0).length;
if (failed === 0 && args.includes('--tag')) {
  must('git', ['tag', '--annotate', tag, '--message', tag]);
  console.log(`${tag} is made; git push origin ${tag} publishes it`);
} else if (failed === 0) {
  console.log(
    `${tag} can be tagged, if E2P_PACKAGE=1 CI=1 npm test passed on this commit: npm run release -- --tag`,
  );
}
tellCounts(Object.keys(checks).length - failed, failed);
