import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Personalizer } from '../../src/node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${root}.cache/smoke/model`;

describe('making the default, as a toy', () => {
  it('world → tokenizer → base model → projector → control → results: every part is made and fits the others', async ({
    skip,
  }) => {
    skip(!process.env.E2P_SLOW, 'a minute: runs where E2P_SLOW is set');
    const made = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'tools/default/make-default.ts', '--smoke'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(made.stderr).not.toMatch(/error/i);
    expect(made.status).toBe(0);
    expect(readFileSync(`${root}.cache/smoke/default.md`, 'utf8')).toMatch(/\| shuffled \| \d/);

    for (const dtype of ['q4', 'fp32'] as const) {
      await using personalizer = await Personalizer.create({
        model: folder,
        dtype,
        projector: `${folder}/projector.safetensors`,
      });
      await personalizer.user.set({ space: personalizer.space!.id, values: new Float32Array(32).fill(0.3) });
      const session = await personalizer.createSession();
      const { tokenIds, softTokens } = await session.generate('Headline?', { maxTokens: 5 });
      expect(tokenIds.length).toBeGreaterThan(0);
      expect(softTokens).toBe(1);
    }
  }, 240_000);
});

const shipped = `${root}public/models/e2p-tiny`;

describe.skipIf(!existsSync(shipped))('the default that ships', () => {
  it('loads in both variants with its projector, and personalises: two readers, two texts', async () => {
    const { readers, stories, ...demo } = JSON.parse(readFileSync(`${root}public/world/demo.json`, 'utf8'));
    const file = (name: string) => Uint8Array.from(readFileSync(`${root}public/world/${name}`)).buffer;
    const { foldIn } = await import('../../src/node.ts');
    const items = new Float32Array(file('item-factors.bin'));
    await using personalizer = await Personalizer.create({
      model: shipped,
      projector: `${shipped}/projector.safetensors`,
    });
    const texts: string[] = [];
    for (const { clicks } of readers.slice(0, 2)) {
      const values = foldIn({ ...demo.als, items, dim: demo.dim, clicks });
      await personalizer.user.set({ space: demo.space, values });
      const session = await personalizer.createSession();
      texts.push(await session.prompt(stories[0].prompt, { maxTokens: 30 }));
    }
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) expect(text.split(' ').length).toBeGreaterThan(3);
  });
});

it.skipIf(!existsSync(shipped))('the manifest that ships is of the files that ship', async () => {
  const manifest = 'e2p-manifest.json';
  const { files: listed }: { files: Record<string, { sha256: string }> } = JSON.parse(
    readFileSync(`${shipped}/${manifest}`, 'utf8'),
  );
  const sha256 = (path: string) =>
    createHash('sha256')
      .update(readFileSync(`${shipped}/${path}`))
      .digest('hex');
  const paths = readdirSync(shipped, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path !== manifest && !statSync(`${shipped}/${path}`).isDirectory());
  expect(Object.keys(listed).toSorted()).toEqual(paths.toSorted());
  for (const [path, file] of Object.entries(listed)) expect(file.sha256, path).toBe(sha256(path));
});
