/** Broken files: whatever the bytes, reading and inspecting end soon, with a result or with a typed error. */
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { exportRows, structureModel } from '../testing/exports/structure.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { makeTensor } from './builder.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import type { OnnxModel } from './onnx-model.ts';
import { personaliseGraph } from './personalise-graph.ts';

const random = seeded('fuzz');
const below = (n: number) => Math.floor(random() * n);

/** The model with a weight of 4 MB beside it, so that the file is mostly weights as real ones are. */
function fileOf(model: OnnxModel): Uint8Array {
  const ballast = makeTensor('ballast', [1024, 1024], new Float32Array(1024 * 1024));
  const initializers = [...model.graph.initializers, ballast];
  return writeOnnx({ ...model, graph: { ...model.graph, initializers } });
}

/** Where the structure of a file is, and most of what can break. */
const HEAD = 20_000;

/** Each breaks `bytes` in place, or returns other bytes; what is broken in place lies in the head, or is undone. */
const CORRUPTIONS: readonly ((bytes: Uint8Array) => {
  readonly broken: Uint8Array;
  readonly undo?: () => void;
})[] = [
  function truncated(bytes) {
    return { broken: bytes.subarray(0, below(bytes.length)) };
  },
  function bitsFlipped(bytes) {
    const reach = below(2) === 0 ? HEAD : bytes.length;
    const flips = Array.from({ length: 1 + below(8) }, () => [below(reach), 1 << below(8)] as const);
    const flip = () => {
      for (const [at, bit] of flips) bytes[at]! ^= bit;
    };
    flip();
    return { broken: bytes, undo: flip };
  },
  function absurdLengths(bytes) {
    const fifth = below(2) === 0 ? 0x07 : 0xff;
    bytes.set([0xff, 0xff, 0xff, 0xff, fifth, 0xff, 0xff, 0xff, 0xff, 0x01], below(HEAD - 10));
    return { broken: bytes };
  },
  function piecesMoved(bytes) {
    const length = below(200);
    bytes.copyWithin(below(HEAD - length), below(HEAD - length), below(HEAD));
    return { broken: bytes };
  },
  function noise(bytes) {
    const broken = Uint8Array.from({ length: below(4000) }, (_, i) => (i < 8 ? bytes[i]! : below(256)));
    return { broken };
  },
];

describe('10,000 corrupted files', () => {
  it('never crash, hang or take more memory than four times the file', () => {
    const exports = exportRows().filter((_, i) => i % 8 === 0);
    const models = [...ZOO.map((style) => buildZoo(style).model), ...exports.map(structureModel)];
    const files = models.map((model) => {
      const bytes = fileOf(model);
      return { bytes, head: bytes.slice(0, HEAD) };
    });
    const outcomes = { read: 0, refused: 0 };
    let [slowest, mostMemory] = [0, 0];
    for (let i = 0; i < 10_000; i++) {
      const { bytes, head } = files[below(files.length)]!;
      const { broken, undo } = CORRUPTIONS[i % CORRUPTIONS.length]!(bytes);
      const before = memory();
      const start = performance.now();
      try {
        personaliseGraph(readOnnx(broken, 'broken.onnx'));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof E2PError)) throw error;
        outcomes.refused++;
      }
      slowest = Math.max(slowest, performance.now() - start);
      // Garbage counts too, unless a collection comes in between: the difference is an upper bound or no bound.
      mostMemory = Math.max(mostMemory, (memory() - before) / bytes.length);
      undo?.();
      bytes.set(head);
    }
    expect(slowest).toBeLessThan(1000);
    expect(mostMemory).toBeLessThan(4);
    expect(outcomes.read).toBeGreaterThan(500);
    expect(outcomes.refused).toBeGreaterThan(3000);
  }, 60_000);
});

function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
