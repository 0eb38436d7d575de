/**
 * `npm run first-hour`: what somebody does in the first hour with the packed package, in a fresh folder, each step by the commands that the
 * documentation gives, and timed: install, first personal text, an own vector, an own projector on 200 examples, an own model folder.
 * Writes docs/results/first-hour.json and first-hour.md.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, pack } from './build.mjs';
import { installDependencies, root, tellCounts } from './setup.mjs';

const MODEL = 'node_modules/e2p-web/public/models/e2p-tiny';
const STORY = 'Story: pocket drone, Quillon, Rook';
/** Half of them read as Ada does, half as Bruno, which the first number says; 5 examples each. */
const PEOPLE = 40;
const vectorOf = (u) => [u % 2 === 0 ? 1 : -1, Math.sin(u), Math.cos(3 * u), Math.sin(5 * u)];

installDependencies();
await build();
const work = mkdtempSync(join(tmpdir(), 'e2p-first-hour-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const tarball = pack(work);
const folder = join(work, 'app');
const file = (name) => join(folder, name);

/** An embedding of the default model's space from clicks on a catalogue of two items that stand for two readers. */
const FOLD = `import { readFileSync, writeFileSync } from 'node:fs';
import { foldIn } from 'e2p-web/node';

const users = readFileSync('app/users.jsonl', 'utf8').trim().split('\\n').map((line) => JSON.parse(line));
const items = Float32Array.from(users.slice(0, 4).flatMap(({ embedding }) => embedding));
const values = foldIn({ items, dim: 32, clicks: [0, 0, 2], regularisation: 0.1, alpha: 4 });
writeFileSync('user.json', JSON.stringify({ space: 'e2p-tiny-readers-v1', values: [...values] }));
`;

/** What the two readers' soft tokens of the shipped projector make of ten stories. */
const EXAMPLES = `import { writeFileSync } from 'node:fs';
import { loadDefaultModel } from 'e2p-web/default-model';
import { Personalizer } from 'e2p-web/node';

const { model, projector, readers, stories } = await loadDefaultModel();
const personalizer = await Personalizer.create({ model, projector });
const lines = [];
for (const [kind, { embedding }] of readers.slice(0, 2).entries()) {
  await personalizer.user.set(embedding);
  for (const prompt of stories.slice(0, 5)) {
    const session = await personalizer.createSession();
    const target = await session.prompt(prompt, { temperature: 0 });
    for (let u = kind; u < ${PEOPLE}; u += 2) lines.push(JSON.stringify({ user: 'u' + u, prompt, target }));
  }
}
writeFileSync('train.jsonl', lines.join('\\n'));
await personalizer.destroy();
`;

const steps = [
  {
    name: 'install the package, and onnxruntime for Node',
    commands: ['npm init -y', `npm install --ignore-scripts ${tarball} onnxruntime-node`],
  },
  {
    name: 'first personal text: the shipped model writes for Ada, and for Bruno',
    commands: [
      'npx e2p init app',
      ...['Ada', 'Bruno'].map(
        (user) =>
          `npx e2p generate --model ${MODEL} --projector ${MODEL}/projector.safetensors --users app/users.jsonl --user ${user} --prompt "${STORY}" --temperature 0`,
      ),
    ],
    check: ([, ada, bruno]) => ada.length > 10 && ada !== bruno,
  },
  {
    name: 'an own vector: clicks, folded in',
    before: () => writeFileSync(file('fold.mjs'), FOLD),
    commands: [
      'node fold.mjs',
      `npx e2p generate --model ${MODEL} --projector ${MODEL}/projector.safetensors --user user.json --prompt "${STORY}" --temperature 0`,
    ],
    check: ([, text]) => text.length > 10,
  },
  {
    name: 'an own projector, on 200 examples of 40 people',
    before: () => {
      const people = Array.from({ length: PEOPLE }, (_, u) => u);
      const lines = people.map((u) => JSON.stringify({ user: `u${u}`, embedding: vectorOf(u) }));
      writeFileSync(file('users.jsonl'), lines.join('\n'));
      writeFileSync(file('examples.mjs'), EXAMPLES);
    },
    commands: [
      'node examples.mjs',
      `npx e2p train --model ${MODEL} --users users.jsonl --data train.jsonl --out own.safetensors --space own-v1 --steps 150`,
      ...[0, 1].map(
        (u) =>
          `npx e2p generate --model ${MODEL} --projector own.safetensors --users users.jsonl --user u${u} --prompt "${STORY}" --temperature 0`,
      ),
    ],
    check: ([, report, even, odd]) => {
      const [, own, nobody] = /users: ([\d.]+) nats[^;]*; ([\d.]+) with nobody set/.exec(report) ?? [];
      return Number(own) < Number(nobody) && even.length > 10 && even !== odd;
    },
  },
  {
    name: 'an own model folder: looked at, and used',
    before: () => cpSync(file(MODEL), file('my-model'), { recursive: true }),
    commands: [
      'npx e2p inspect my-model',
      `npx e2p generate --model my-model --projector own.safetensors --users users.jsonl --user u0 --prompt "${STORY}" --temperature 0`,
    ],
    check: ([report, text]) => /soft token/i.test(report) && text.length > 10,
  },
];

mkdirSync(folder);
const results = [];
for (const { name, before, commands, check = () => true } of steps) {
  before?.();
  const started = performance.now();
  const said = commands.map(run);
  const seconds = (performance.now() - started) / 1000;
  const works = said.every((text) => text !== undefined) && check(said);
  results.push({
    name,
    works,
    seconds: Number(seconds.toFixed(1)),
    commands: commands.map((command) => command.replace(tarball, 'e2p-web')),
  });
  console.log(`${works ? 'works' : 'FAILS'}  ${name} (${seconds.toFixed(1)} s)`);
  if (!works) console.error(said);
}
const found = { node: process.version, results };
writeFileSync(join(root, 'docs/results/first-hour.json'), `${JSON.stringify(found, null, 1)}\n`);
writeFileSync(join(root, 'docs/results/first-hour.md'), pageOf(found));
const failed = results.filter(({ works }) => !works).length;
tellCounts(results.length - failed, failed);

/** What it said; undefined where it failed. */
function run(command) {
  const { status, stdout, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: 'utf8' });
  if (status === 0) return stdout.trim();
  console.error(`${command}\n${stdout}\n${stderr}`);
  return undefined;
}

function pageOf({ node, results }) {
  const sections = results.map(
    ({ name, works, seconds, commands }, i) =>
      `## ${i + 1}. ${name[0].toUpperCase()}${name.slice(1)}\n\n${works ? 'Works' : 'Does not work'}; ${seconds} s.\n\n\`\`\`sh\n${commands.join('\n')}\n\`\`\``,
  );
  return `# The first hour

Made by \`npm run first-hour\` (Node ${node}, two CPU cores, packages from a near registry): a fresh folder and the packed package, each step by the commands below. The seconds are those of the commands; reading and
writing are a person's own. The people of step 4 are made up: half of them read as Ada does, half as Bruno, which the first of four numbers says; their examples are what
the shipped projector writes for the two. The new projector has to make held-out people's examples likelier than nobody's, and to write two texts for two of them.

${sections.join('\n\n')}

The same in a browser: [bundlers](bundlers.md). Not tried: other systems, people.
`;
}
