/** The projector file between here and PyTorch: `examples/pytorch/projector.py`, where PyTorch is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { interpreter, pytorchExample, pytorchNote } from '../testing/pytorch.ts';
import { roundedKeys } from './anchors.ts';
import { type Projector, project, readProjector, writeProjector } from './projector.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-pytorch-'));
const path = (name: string) => join(folder, name);
/** Runs a script beside `projector.py`; what it prints last is JSON. */
function python(script: string): unknown {
  const lines = `import json, sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True\nfrom projector import *\n${script}`;
  const { status, stdout, stderr } = spawnSync(interpreter!, ['-B', '-c', lines, pytorchExample, folder], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const [dim, hidden, tokens, hiddenSize] = [5, 7, 2, 12];
const random = seededRandom(3);
const floats = (length: number) => Float32Array.from({ length }, () => 2 * random() - 1);
const projector: Projector = {
  hidden,
  contract: {
    version: 1,
    model: { id: 'm', hiddenSize, vocabularySize: 9, dtype: 'q4', tableSha256: 'none' },
    space: { id: 's', dim, mean: [...floats(dim)], scale: [0.5, 1, 2, 3, 4] },
    ...{ tokens, vectors: 1, slot: 'after-bos', scaleSide: 'postScale', outputRms: 0.4 },
  },
  weights: {
    ...{ normWeight: floats(dim), normBias: floats(dim), gain: floats(tokens) },
    skipWeight: new Float32Array(0),
    sharpness: new Float32Array(0),
    ...{ fc1Weight: floats(hidden * dim), fc1Bias: floats(hidden) },
    ...{ fc2Weight: floats(tokens * hiddenSize * hidden), fc2Bias: floats(tokens * hiddenSize) },
  },
};
const users = Array.from({ length: 4 }, () => floats(dim));

function expectSame(found: unknown, using: Projector): void {
  const flat = (found as number[][][]).flat(2);
  const expected = users.flatMap((user) => project(using, user).flatMap((v) => [...v]));
  expect(flat).toHaveLength(expected.length);
  for (const [i, v] of expected.entries()) expect(Math.abs(flat[i]! - v)).toBeLessThan(1e-6);
}

describe.skipIf(!interpreter)(`the projector file in PyTorch${pytorchNote}`, () => {
  const embeddings = `torch.tensor(${JSON.stringify(users.map((u) => [...u]))})`;

  it('made here, loads as a state_dict and gives the same soft tokens', () => {
    writeFileSync(path('ours.safetensors'), writeProjector(projector));
    const soft = python(
      `print(json.dumps(load_projector(sys.argv[2] + "/ours.safetensors")(${embeddings}).tolist()))`,
    );
    expectSame(soft, projector);
  });

  it('anchored in the vocabulary and residual, gives the same soft tokens and comes back the same file', () => {
    const [width, count] = [6, 8];
    const keys = roundedKeys(floats(count * width), width);
    const rows = floats(count * hiddenSize);
    const anchored: Projector = {
      ...{ ...projector, hidden: 0, anchors: { ids: [8, 1, 2, 3, 4, 5, 6, 7], keys, rows } },
      weights: {
        ...{ ...projector.weights, fc1Weight: new Float32Array(0), fc1Bias: new Float32Array(0) },
        ...{ fc2Weight: floats(tokens * width * dim), fc2Bias: floats(tokens * width) },
        ...{ skipWeight: floats(tokens * width * dim), sharpness: Float32Array.of(1.5) },
      },
    };
    const bytes = writeProjector(anchored);
    writeFileSync(path('anchored.safetensors'), bytes);
    const soft = python(`
projector = load_projector(sys.argv[2] + "/anchored.safetensors")
projector.anchor.rows = torch.tensor(${JSON.stringify([...rows])}).view(${count}, ${hiddenSize})
save_projector(sys.argv[2] + "/again.safetensors", projector)
print(json.dumps(projector(${embeddings}).tolist()))`);
    expectSame(soft, anchored);
    const again = readProjector(readFileSync(path('again.safetensors')));
    expect(writeProjector(again)).toEqual(bytes);
  });

  it('comes back with its phrases', () => {
    const [width, phrases] = [6, [[1, 2], [8]]];
    const bytes = writeProjector({
      contract: { ...projector.contract, tokens: 1 },
      ...{ hidden: 0, anchors: { ids: [8, 1], phrases, keys: floats(4 * width) } },
      weights: {
        ...{ ...projector.weights, fc1Weight: new Float32Array(0), fc1Bias: new Float32Array(0) },
        ...{ fc2Weight: floats(width * dim), fc2Bias: floats(width), gain: Float32Array.of(1) },
        sharpness: Float32Array.of(1.5),
      },
    });
    writeFileSync(path('phrases.safetensors'), bytes);
    python(`
save_projector(sys.argv[2] + "/phrases.safetensors", load_projector(sys.argv[2] + "/phrases.safetensors"))
print("1")`);
    expect(writeProjector(readProjector(readFileSync(path('phrases.safetensors'))))).toEqual(bytes);
  });

  it('trained there, loads here and gives the same soft tokens', () => {
    writeFileSync(path('contract.json'), JSON.stringify(projector.contract));
    const soft = python(`
torch.manual_seed(0)
projector = Projector(json.load(open(sys.argv[2] + "/contract.json")), ${hidden})
optimiser = torch.optim.AdamW(projector.parameters(), lr=0.01)
for step in range(5):
    optimiser.zero_grad()
    projector(${embeddings}).square().sum().backward()
    optimiser.step()
save_projector(sys.argv[2] + "/theirs.safetensors", projector)
print(json.dumps(projector(${embeddings}).tolist()))`);
    expectSame(soft, readProjector(readFileSync(path('theirs.safetensors'))));
  });
});
