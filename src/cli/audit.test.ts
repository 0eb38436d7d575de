/** `e2p audit` as a privacy engineer runs it on the default model: what leaks is seen, what does not is not; bad input. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { WholeAudit } from '../evaluate/audit/report.ts';
import { seededRandom } from '../generate/sampling.ts';
import { readProjector } from '../projector/projector.ts';
import { builtCli } from '../testing/built-cli.ts';

const main = builtCli();
const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const projector = join(model, 'projector.safetensors');
const folder = mkdtempSync(join(tmpdir(), 'e2p-audit-'));
const path = (name: string) => join(folder, name);
const save = (name: string, rows: readonly unknown[]): string => {
  writeFileSync(path(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path(name);
};

/** What decides the embedding, and what has nothing to do with it. */
const people = Array.from({ length: 90 }, (_, i) => ({
  user: `u${i}`,
  side: i % 2,
  coin: Math.sin(i * i) > 0,
}));
const { dim, mean, scale } = readProjector(readFileSync(projector)).contract.space;
const embeddingOf = (i: number) =>
  Array.from(
    { length: dim },
    (_, k) => mean[k]! + scale[k]! * (Math.sin(i * 31 + k * k) + (i % 2 === k % 2 ? 2 : -2)),
  );
const users = save(
  'users.jsonl',
  people.map(({ user }, i) => ({ user, embedding: embeddingOf(i) })),
);
const attributes = save(
  'known.jsonl',
  people.map(({ user, side, coin }) => ({
    user,
    attributes: { side: String(side), coin, log: [`on ${side}`] },
  })),
);
const e2p = (...args: string[]) => {
  const all = ['--model', model, '--projector', projector, '--users', users, '--out', path('out'), ...args];
  const run = spawnSync(process.execPath, [main, 'audit', ...all], { encoding: 'utf8' });
  return { status: run.status, out: run.stdout, error: run.stderr.trim() };
};

describe('e2p audit', () => {
  it('recovers what the embedding was made of, from each view, and a coin from none', () => {
    const { status, error } = e2p('--attributes', attributes, '--prompts', '1', '--max-tokens', '6');
    expect(error).not.toContain('e2p audit:');
    expect(status).toBe(0);
    const { users: counts, recoveries } = JSON.parse(
      readFileSync(path('out/audit.json'), 'utf8'),
    ) as WholeAudit;
    expect(counts).toEqual({ seen: 63, unseen: 27 });
    const of = (attribute: string, view: string) =>
      recoveries.filter((r) => r.attribute === attribute && r.view === view);
    for (const view of ['embedding', 'soft-token', 'kv-cache']) {
      expect(of('side', view).map((r) => r.recovered.mean)).toEqual([1, 1]);
      expect(of('log', view).map((r) => r.event?.mean)).toEqual([1, 1]);
      // An attacker that says of everybody what is commonest has no interval, which JSON has as null.
      for (const { gain } of of('coin', view)) expect(gain.low ?? 0).toBeLessThanOrEqual(0);
    }
    expect(of('side', 'text')).toHaveLength(2);
    const page = readFileSync(path('out/audit.md'), 'utf8');
    expect(page).toContain('| side | share right | embedding | ridge | 1.000');
    expect(page).toContain('| log | embedding | ridge | 1.000');
    expect(page).not.toMatch(/u\d/);
  }, 60_000);

  it('asks who was trained on by the mean user, and by a reference model; by itself nothing is told', () => {
    const texts = (from: number) =>
      people.slice(from, from + 12).map(({ user }, i) => ({ user, prompt: `Text ${i}?`, target: 'Yes.' }));
    const asked = ['--data', save('others.jsonl', texts(0)), '--members', save('members.jsonl', texts(40))];
    const some = ['--attributes', attributes, '--views', 'embedding'];
    expect(e2p(...some, ...asked, '--reference', projector).error).not.toContain('e2p audit:');
    const { membership } = JSON.parse(readFileSync(path('out/audit.json'), 'utf8')) as WholeAudit;
    const { byReference, control, members, others, ...own } = membership!;
    expect([members, others]).toEqual([12, 12]);
    expect(byReference!.auc.mean).toBe(0.5);
    expect(control).toEqual(own);
    expect(own.auc.low).toBeLessThan(own.auc.high);
    expect(e2p(...some, '--reference', projector).error).toContain('--reference is about --members');
  }, 60_000);

  it('attacks each attribute by itself, and says which ones nothing can be told of', () => {
    const random = seededRandom(3);
    const noise = () => Array.from({ length: 60 }, (_, n) => `t${n}`).filter(() => random() < 0.3);
    const known = people.map(({ user }, i) => ({
      user,
      attributes: { first: embeddingOf(i)[0], noise: noise(), name: user },
    }));
    const { status } = e2p('--attributes', save('mixed.jsonl', known), '--views', 'embedding');
    expect(status).toBe(0);
    const report = JSON.parse(readFileSync(path('out/audit.json'), 'utf8')) as WholeAudit;
    const ridge = report.recoveries.find((r) => r.attribute === 'first' && r.attacker === 'ridge')!;
    // A penalty that is chosen for sixty columns of noise beside it leaves less.
    expect(ridge.recovered.mean).toBeGreaterThan(0.95);
    expect(report.leftOut).toEqual([
      { attribute: 'name', why: 'no answer is that of 5 people or more of those learnt from' },
    ]);
    expect(readFileSync(path('out/audit.md'), 'utf8')).toContain('Left out: name, since no answer');
  }, 60_000);

  it('says in one line what is wrong, and quotes nobody', () => {
    const names = save(
      'names.jsonl',
      people.map(({ user }) => ({ user, attributes: { name: user } })),
    );
    expect(e2p('--attributes', names, '--views', 'embedding')).toMatchObject({
      ...{ status: 2, out: '' },
      error: expect.stringContaining('of no attribute anything can be told, the first of which is "name"'),
    });
    const said = save(
      'said.jsonl',
      people.map(({ user }) => ({ user, prompt: 'What?', target: 'That.' })),
    );
    const both = ['--views', 'embedding', '--data', said, '--members', said];
    expect(e2p('--attributes', attributes, ...both).error).toContain(
      'membership: 90 members and 90 others, 90 of whom are both',
    );
    const huge = save('huge.jsonl', [{ user: 'u1', attributes: { age: -1e200 } }]);
    expect(e2p('--attributes', huge).error).toContain('attributes.age is a number beyond 1e+100');
    const few = save('few.jsonl', [{ user: 'u1', attributes: { side: 'left' } }]);
    expect(e2p('--attributes', few).error).toBe(
      'e2p audit: 1 users have attributes, of whom 1 are learnt from and 0 tried: expected at least 20 each',
    );
    expect(e2p('--attributes', attributes, '--sigma', '1').error).toContain('--sigma is about --clip');
    expect(e2p('--attributes', attributes, '--views', 'mind').error).toContain(
      '--views is "mind", expected one of',
    );
  }, 60_000);
});
