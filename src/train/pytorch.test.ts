/** `examples/pytorch/train.py`, where PyTorch and transformers are installed: however many processes, one projector; and our engine runs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate/evaluate.ts';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';
import {
  type Projector,
  project,
  readProjector,
  withAnchorRows,
  writeProjector,
} from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { pytorchExample, withTransformers } from '../testing/pytorch.ts';
import { writeTransformersFolder } from '../testing/transformers-folder.ts';
import { createAligner } from './alignment.ts';
import { flatten, parameterLayout } from './parameters.ts';
import { prepareAlignment } from './prepare-alignment.ts';
import type { PlacedRow } from './projector-session.ts';
import { alignmentFile, type RowsFileOptions, rowLines, userLines } from './rows-file.ts';
import { createSoftLoss, type LearningRow } from './soft-loss.ts';
import { train } from './train.ts';
import type { AlignmentText } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

const interpreter = withTransformers();
const note = interpreter ? '' : ' (skipped: needs python3 with torch, numpy and transformers)';
const model = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'e2p-torchrun-'));
const path = (name: string) => join(folder, name);
const STEPS = 100;

const likesDogs = (i: number) => i % 2 === 1;
const vectorOf = (i: number) => [likesDogs(i) ? 1 : -1, Math.sin(i), Math.cos(2 * i)];
const users: Users = {
  dim: 3,
  rows: new Map(Array.from({ length: 60 }, (_, i) => [`u${i}`, Float32Array.from(vectorOf(i))])),
};
/** Users who are sets of one to three vectors, some of them twice. */
const sets: Users = {
  dim: 3,
  rows: new Map(
    Array.from({ length: 60 }, (_, i) => {
      const all = [
        vectorOf(i),
        ...(i % 3 > 0 ? [vectorOf(i + 60)] : []),
        ...(i % 5 > 0 ? [vectorOf(i)] : []),
      ];
      return [`u${i}`, Float32Array.from(all.flat())];
    }),
  ),
};
const examples = Array.from({ length: 120 }, (_, at): Example => {
  const i = at % 60;
  const liking = likesDogs(i) ? 'dogs' : 'the sea';
  return {
    ...{ user: `u${i}`, persona: `The user loves ${liking}.`, line: at + 1 },
    messages: [{ role: 'user', content: 'What do I like?' }],
    target: likesDogs(i) ? `Dogs in the park, number ${at}` : `The sea at night, number ${at}`,
  };
});
const isTest = ({ user }: Example) => Number(user.slice(1)) >= 40;
const [known, unseen] = [examples.filter((e) => !isTest(e)), examples.filter(isTest)];

function run(args: readonly string[]) {
  return spawnSync(interpreter!, ['-B', ...args], {
    ...{ cwd: pytorchExample, encoding: 'utf8' as const },
    env: { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' },
  });
}

function python(args: readonly string[]): string {
  const { status, stdout, stderr } = run(args);
  expect(status, stderr).toBe(0);
  return stdout;
}

const argumentsOf = (name: string, out: string, more: readonly string[] = []) => [
  ...['train.py', '--model', path('hf'), '--users', path(`${name}.users.jsonl`)],
  ...['--rows', path(`${name}.jsonl`), '--steps', `${STEPS}`, '--batch', '16', '--lr', '0.01'],
  ...['--hidden', '32', '--out', path(out), ...more],
];

function trainThere(out: string, launcher: readonly string[] = []): Projector {
  python([...launcher, ...argumentsOf('plain', out)]);
  return readProjector(readFileSync(path(out)), out);
}

// PyTorch 1.13 on Python 3.11 loses torchrun's default of these two flags.
const TORCHRUN = ['-m', 'torch.distributed.run', '--redirects', '2', '--tee', '2', '--nproc_per_node', '2'];

async function writeRows(name: string, options: RowsFileOptions): Promise<LearnedRow[]> {
  const lines: string[] = [];
  for await (const line of rowLines(options)) lines.push(line);
  writeFileSync(path(`${name}.jsonl`), lines.join(''));
  writeFileSync(path(`${name}.users.jsonl`), [...userLines(options.users)].join(''));
  return lines.slice(1).map((line) => JSON.parse(line));
}

type LearnedRow = LearningRow & Required<PlacedRow> & { readonly user: string };

describe.skipIf(!interpreter)(`a projector trained with torchrun${note}`, { timeout: 240_000 }, async () => {
  if (!interpreter) return;
  writeTransformersFolder(model, path('hf'));
  const base = await loadBaseModel({ source: createFolderSource(model), dtypes: ['fp32'] });
  const runtime = createNodeRuntime();
  const source = { model: base, runtime, examples: known, modelId: 'e2p-tiny', space: 's' };
  const plain = await writeRows('plain', { ...source, users });
  const places = [
    { at: 'system-start', text: 'The user loves{soft}.' },
    { at: 'user-end', text: ' It should be about{soft}.' },
  ] as const;
  const one = trainThere('one.safetensors');

  it('in two processes is the one of a single process', () => {
    const two = trainThere('two.safetensors', TORCHRUN);
    for (const user of users.rows.values()) {
      const [a, b] = [project(one, user)[0]!, project(two, user)[0]!];
      for (const [i, v] of a.entries()) expect(Math.abs(v - b[i]!)).toBeLessThan(1e-4);
    }
  });

  it('is a control that knows no user, where asked for', () => {
    python(argumentsOf('plain', 'constant.safetensors', ['--constant']));
    const constant = readProjector(readFileSync(path('constant.safetensors')));
    expect(constant.contract.training).toMatchObject({ control: 'constant', steps: STEPS });
    const [first, ...others] = [...users.rows.values()].map((user) => project(constant, user));
    for (const other of others) expect(other).toEqual(first);
    expect(project(one, users.rows.get('u0')!)).not.toEqual(first);
  });

  it('has the loss there that it has here', async () => {
    const [theirs] = lossesThere('plain', 'one.safetensors', [0]);
    expect((await lossHere(base, plain, users, one, 0)) / theirs!).toBeCloseTo(1, 4);
  });

  it('goes on from one that is anchored, with sets of vectors, a teacher and replay, and where it was killed', async () => {
    const tokensOf = (word: string) => base.codec.encode(` ${word}`);
    const words = ['dogs', 'park', 'sea', 'night', 'number', 'garden', 'music'];
    const ids = [...new Set(words.flatMap(tokensOf))];
    const keys = fromFloat16(
      toFloat16(Float32Array.from({ length: 3 * ids.length }, (_, i) => Math.sin(3 * i))),
    );
    const alignTo = words.map((word, i) => ({ words: word, vector: Float32Array.from(vectorOf(i)) }));
    const { projector: init } = await train({
      ...{ model: base, runtime, users: sets, examples: known, space: 's', tokens: 2, hidden: 0, heldOut: 0 },
      ...{ slot: { places }, anchors: { ids, keys }, alignTo, alignment: { steps: 5 }, steps: 0 },
    });
    writeFileSync(path('init.safetensors'), writeProjector(init));
    const { contract } = init;
    const inSets = await writeRows('sets', { ...source, users: sets, contract, withTeacher: true });
    writeFileSync(path('texts.safetensors'), alignmentFile(alignTo, base));

    const recipe = [
      '--init',
      path('init.safetensors'),
      '--distill',
      '0.7',
      '--align',
      path('texts.safetensors'),
    ];
    const pace = ['--steps', '20', '--checkpoint-every', '10', '--validation', path('sets.jsonl')];
    const args = argumentsOf('sets', 'sets.safetensors', [...recipe, ...pace]);
    python(args);
    const whole = readFileSync(path('sets.safetensors'));
    const projector = readProjector(whole, 'sets.safetensors');
    expect(projector.contract).toMatchObject({ version: 2, vectors: 2, tokens: 2, slot: { places } });
    expect(projector.anchors?.ids).toEqual(ids);
    const shares = [0, 0.7, 1];
    for (const [i, theirs] of lossesThere('sets', 'sets.safetensors', shares).entries())
      expect((await lossHere(base, inSets, sets, projector, shares[i]!)) / theirs).toBeCloseTo(1, 4);
    expect((await alignmentHere(base, projector, alignTo)) / alignmentThere()).toBeCloseTo(1, 4);

    rmSync(path('sets.safetensors'));
    const killed = `
import os, sys, train
replace = os.replace
def killed(source, to):
    replace(source, to)
    os._exit(9)
os.replace = killed
train.main()`;
    expect(run(['-c', killed, ...args.slice(1)]).status).toBe(9);
    expect(python([...args, '--resume'])).not.toContain('step 0/');
    expect(readFileSync(path('sets.safetensors')).equals(whole)).toBe(true);
  });

  it('personalises unseen users here as one that was trained here', async () => {
    const { projector: ours } = await train({
      ...{ model: base, runtime, users, examples: known, space: 's', steps: STEPS, batch: 16 },
      ...{ learningRate: 0.01, hidden: 32, heldOut: 0 },
    });
    const gain = async (projector: Projector) => {
      const { conditions } = await evaluate({
        ...{ model: base, runtime, projectors: [projector], users, examples: unseen },
        ...{ ranked: 0, generated: 0, conditions: ['shuffled', 'true'] },
      });
      return conditions.shuffled!.minusTrue!;
    };
    const [theirs, own] = [await gain(one), await gain(ours)];
    expect(theirs.low).toBeGreaterThan(0);
    expect(theirs.mean / own.mean).toBeGreaterThan(0.7);
    expect(theirs.mean / own.mean).toBeLessThan(1.4);
  });

  it('reads the logits of any causal LM, behind the factor on its token embeddings', () => {
    const script = `
import sys, torch, transformers
from base_model import BaseModel
sizes = dict(vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=16, intermediate_size=48)
for config in (transformers.Gemma2Config(**sizes), transformers.Gemma3TextConfig(**sizes), transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=2, n_head=2),
               transformers.CohereConfig(**{k: v for k, v in sizes.items() if k != "head_dim"}), transformers.Qwen3Config(**sizes)):
    transformers.AutoModelForCausalLM.from_config(config).eval().save_pretrained(sys.argv[1])
    model, ids = BaseModel(sys.argv[1]), torch.arange(3, 15)[None]
    picked = ids % 3 == 0
    expected = model.causal(input_ids=ids).logits[picked]
    found = model(model.embed(ids), picked)
    print(config.model_type, (expected - found).abs().max().item() / expected.abs().max().item())`;
    const lines = python(['-c', script, path('random')])
      .trim()
      .split('\n');
    expect(lines).toHaveLength(5);
    for (const line of lines) expect(Number(line.split(' ')[1]), line).toBeLessThan(1e-4);
  });
});

const LOOKED_AT = 12;

/** Of the first rows, nats per target token, with each share of the teacher. */
function lossesThere(rows: string, projector: string, shares: readonly number[]): number[] {
  const script = `
import json, sys, torch
from train import BaseModel, Rows, anchor_in, load_projector, target_nats, teach
rows, model = Rows(sys.argv[2], sys.argv[3]), BaseModel(sys.argv[1])
index = torch.arange(${LOOKED_AT})
batch = rows.tokens.batch(index, "cpu")
projector = load_projector(sys.argv[4])
anchor_in(projector, model)
soft = projector(rows.vectors[rows.user[index]])
told = lambda distill: teach(model, rows.teacher, index, {}, "cpu") if distill else None
losses = [target_nats(model, batch, soft, d, told(d)) / batch.target.sum() for d in json.loads(sys.argv[5])]
print([loss.item() for loss in losses])`;
  const files = [path('hf'), path(`${rows}.jsonl`), path(`${rows}.users.jsonl`), path(projector)];
  return JSON.parse(python(['-c', script, ...files, JSON.stringify(shares)]));
}

/** Of each text once, without noise. */
function alignmentThere(): number {
  const script = `
import sys, torch, replay
from projector import load_projector
projector = load_projector(sys.argv[1])
replayed = replay.Replay(sys.argv[2], projector)
replay.TEXTS = len(replayed.vectors)
torch.randint = lambda count, *_, **__: torch.arange(count)
print(replayed.loss(projector, 0, 1, 0, 1).item())`;
  return Number(python(['-c', script, path('sets.safetensors'), path('texts.safetensors')]));
}

async function alignmentHere(
  model: BaseModel,
  plain: Projector,
  alignTo: readonly AlignmentText[],
): Promise<number> {
  const runtime = createNodeRuntime();
  const projector = await withAnchorRows(plain, model, runtime);
  const { space, tokens, outputRms } = projector.contract;
  const { ids, keys, rows } = projector.anchors!;
  const shape = {
    ...{ dim: 3, hidden: 0, tokens, hiddenSize: model.facts.hiddenSize, outputRms, residual: true },
    anchors: { rows: rows!, keys, count: ids.length },
  };
  const layout = parameterLayout(shape);
  // As the file holds them.
  const standardised = (vector: Float32Array) =>
    fromFloat16(toFloat16(vector)).map((v, i) => (v - space.mean[i]!) / space.scale[i]!);
  const users = { rows: new Map(), dim: 3 };
  const alignment = await prepareAlignment(alignTo, standardised, projector.anchors, {
    ...{ model, runtime, users },
  });
  const aligner = await createAligner({ alignment, shape, layout, runtime, seed: 1, noise: 0 });
  const parameters = flatten(projector.weights, layout);
  const loss = await aligner.addGradient(0, parameters, new Float32Array(parameters.length));
  await aligner.release();
  return loss;
}

async function lossHere(
  model: BaseModel,
  all: readonly LearnedRow[],
  { rows: vectors }: Users,
  plain: Projector,
  distill: number,
): Promise<number> {
  const runtime = createNodeRuntime();
  const { hiddenSize } = model.facts;
  const rows = all.slice(0, LOOKED_AT);
  const most = Math.max(...rows.map((row) => row.softPositions.length));
  const projector = await withAnchorRows(plain, model, runtime);
  const soft = new Float32Array(rows.length * most * hiddenSize);
  for (const [b, { user, softIndices }] of rows.entries()) {
    const tokens = project(projector, vectors.get(user)!);
    for (const [p, k] of softIndices.entries()) soft.set(tokens[k]!, (b * most + p) * hiddenSize);
  }
  const placed = rows.map(({ teacher, ...row }) => ({
    ...row,
    softPositions: Array.from({ length: most }, (_, p) => row.softPositions[p] ?? -1),
    ...(teacher && { teacher: { ...teacher, softPositions: [-1] } }),
  }));
  const softLoss = createSoftLoss({
    model,
    hiddenSize,
    runtime,
    batch: rows.length,
    softTokens: most,
    distill,
  });
  const { loss } = await softLoss(placed, soft);
  await softLoss.release();
  return loss;
}
