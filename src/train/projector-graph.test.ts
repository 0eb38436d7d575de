import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { type Projector, type ProjectorWeights, project } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { projectorGraph, projectorParameters } from './projector-graph.ts';

const shape = { dim: 5, hidden: 6, tokens: 2, hiddenSize: 4, outputRms: 0.7 };
const batch = 3;
const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase));
const weights = Object.fromEntries(
  projectorParameters(shape).map(({ name, dims }, i) => [
    name,
    wave(
      dims.reduce((a, b) => a * b),
      i,
    ),
  ]),
) as unknown as ProjectorWeights;
const x = wave(batch * shape.dim, 9);
const upstream = wave(batch * shape.tokens * shape.hiddenSize, 11);

async function run() {
  const runtime = createNodeRuntime();
  const session = await runtime.createSession(writeOnnx(projectorGraph(shape, batch)));
  return session.run({
    x: runtime.tensor('float32', x, [batch, shape.dim]),
    upstream: runtime.tensor('float32', upstream, [batch, shape.tokens, shape.hiddenSize]),
    ...Object.fromEntries(
      projectorParameters(shape).map(({ name, dims }) => [
        name,
        runtime.tensor('float32', weights[name], dims),
      ]),
    ),
  });
}

/** The projector that ships, on one row. */
function soft(row: number, changed: ProjectorWeights = weights): number[] {
  const ones = new Array(shape.dim).fill(1);
  const projector = {
    contract: {
      space: { id: 's', dim: shape.dim, mean: ones.map(() => 0), scale: ones },
      model: { hiddenSize: shape.hiddenSize },
      tokens: shape.tokens,
      outputRms: shape.outputRms,
    },
    hidden: shape.hidden,
    weights: changed,
  } as unknown as Projector;
  return project(projector, x.slice(row * shape.dim, (row + 1) * shape.dim)).flatMap((v) => [...v]);
}

describe('the projector graph', () => {
  it('gives the same soft tokens as the projector that ships', async () => {
    const found = (await run()).soft!.data as Float32Array;
    const expected = [0, 1, 2].flatMap((row) => soft(row));
    for (const [i, v] of expected.entries()) expect(found[i]).toBeCloseTo(v, 5);
  });

  it('its parameter gradients are those of finite differences of the shipping projector', async () => {
    const outputs = await run();
    const product = (changed: ProjectorWeights) =>
      [0, 1, 2].flatMap((row) => soft(row, changed)).reduce((sum, v, i) => sum + v * upstream[i]!, 0);
    for (const { name } of projectorParameters(shape)) {
      const found = outputs[`grad/${name}`]!.data as Float32Array;
      const at = Math.floor(found.length / 2);
      const moved = (by: number) => {
        const values = weights[name].slice();
        values[at]! += by;
        return product({ ...weights, [name]: values });
      };
      expect(found[at], name).toBeCloseTo((moved(0.01) - moved(-0.01)) / 0.02, 2);
    }
  });
});
