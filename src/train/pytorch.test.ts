/** `examples/pytorch/train.py`, where PyTorch is installed: however many processes, one projector; and our engine runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate/evaluate.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { type Projector, project, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { interpreter, pytorchExample, pytorchNote } from '../testing/pytorch.ts';
import { rowLines } from './rows-file.ts';
import { createSoftLoss } from './soft-loss.ts';
import { train } from './train.ts';
import type { Example, Users } from './training-data.ts';

const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'e2p-torchrun-'));
const path = (name: string) => join(folder, name);
const STEPS = 100;

const likesDogs = (i: number) => i % 2 === 1;
const users: Users = {
  dim: 3,
  rows: new Map(
    Array.from({ length: 60 }, (_, i) => [
      `u${i}`,
      Float32Array.of(likesDogs(i) ? 1 : -1, Math.sin(i), Math.cos(2 * i)),
    ]),
  ),
};
const examples = Array.from({ length: 120 }, (_, at): Example => {
  const i = at % 60;
  return {
    ...{ user: `u${i}`, persona: undefined, line: at + 1 },
    messages: [{ role: 'user', content: 'What do I like?' }],
    target: likesDogs(i) ? `Dogs in the park, number ${at}` : `The sea at night, number ${at}`,
  };
});
const isTest = ({ user }: Example) => Number(user.slice(1)) >= 40;
const [known, unseen] = [examples.filter((e) => !isTest(e)), examples.filter(isTest)];

function python(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(interpreter!, ['-B', ...args], {
    ...{ cwd: pytorchExample, encoding: 'utf8' },
    env: { ...process.env, OMP_NUM_THREADS: '1' },
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

function trainThere(out: string, launcher: readonly string[] = []): Projector {
  const files = ['--model', model, '--users', path('users.jsonl'), '--rows', path('rows.jsonl')];
  const recipe = ['--steps', `${STEPS}`, '--batch', '16', '--lr', '0.01', '--hidden', '32'];
  python([...launcher, 'train.py', ...files, ...recipe, '--out', path(out)]);
  return readProjector(readFileSync(path(out)), out);
}

// PyTorch 1.13 on Python 3.11 loses torchrun's default of these two flags.
const TORCHRUN = ['-m', 'torch.distributed.run', '--redirects', '2', '--tee', '2', '--nproc_per_node', '2'];

describe.skipIf(!interpreter)(`a projector trained with torchrun${pytorchNote}`, async () => {
  const base = await loadBaseModel({ source: createFolderSource(model), dtypes: ['fp32'] });
  const runtime = createNodeRuntime();
  const rows: string[] = [];
  const source = { model: base, runtime, users, examples: known, modelId: 'e2p-tiny', space: 's' };
  for await (const line of rowLines(source)) rows.push(line);
  writeFileSync(path('rows.jsonl'), rows.join(''));
  const lines = [...users.rows].map(([user, row]) => JSON.stringify({ user, embedding: [...row] }));
  writeFileSync(path('users.jsonl'), lines.join('\n'));
  const one = interpreter ? trainThere('one.safetensors') : undefined;

  it('in two processes is the one of a single process', () => {
    const two = trainThere('two.safetensors', TORCHRUN);
    for (const user of users.rows.values()) {
      const [a, b] = [project(one!, user)[0]!, project(two, user)[0]!];
      for (const [i, v] of a.entries()) expect(Math.abs(v - b[i]!)).toBeLessThan(1e-4);
    }
  });

  it('has the loss there that it has here', async () => {
    const [, ...made] = rows;
    const parsed = made.slice(0, 4).map((line) => JSON.parse(line));
    const script = `
import json, sys
from projector import load_projector
from train import load_model, read_rows, read_users, target_nats
rows, users = read_rows(sys.argv[2])[1][:4], read_users(sys.argv[3])
soft = load_projector(sys.argv[4])(__import__("torch").stack([users[row["user"]] for row in rows]))
print(target_nats(load_model(sys.argv[1]), rows, soft).item() / sum(len(r["ids"]) - r["targetFrom"] for r in rows))`;
    const files = [path('rows.jsonl'), path('users.jsonl'), path('one.safetensors')];
    const theirs = Number(python(['-c', script, model, ...files]));
    const hiddenSize = base.facts.hiddenSize;
    const softLoss = createSoftLoss({ model: base, hiddenSize, runtime, batch: 4, softTokens: 1 });
    const soft = parsed.flatMap((row) => [...project(one!, users.rows.get(row.user)!)[0]!]);
    const { loss } = await softLoss(parsed, Float32Array.from(soft));
    await softLoss.release();
    expect(loss / theirs).toBeCloseTo(1, 4);
  });

  it('personalises unseen users here as one that was trained here', async () => {
    const { projector: ours } = await train({
      ...{ model: base, runtime, users, examples: known, space: 's', steps: STEPS, batch: 16 },
      ...{ learningRate: 0.01, hidden: 32, heldOut: 0 },
    });
    const gain = async (projector: Projector) => {
      const { conditions } = await evaluate({
        ...{
          model: base,
          runtime,
          projectors: [projector],
          users,
          examples: unseen,
          ranked: 0,
          generated: 0,
        },
        conditions: ['shuffled', 'true'],
      });
      return conditions.shuffled!.minusTrue!;
    };
    const [theirs, own] = [await gain(one!), await gain(ours)];
    expect(theirs.low).toBeGreaterThan(0);
    expect(theirs.mean / own.mean).toBeGreaterThan(0.7);
    expect(theirs.mean / own.mean).toBeLessThan(1.4);
  });
});
