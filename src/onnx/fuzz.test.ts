/** Broken files: whatever the bytes, reading and inspecting end soon, with a result or with a typed error. */
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo, seeded } from '../testing/zoo/zoo-decoder.ts';
import { rewritten } from '../testing/zoo/zoo-run.ts';
import { makeTensor } from './builder.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';

const random = seeded('fuzz');
const below = (n: number) => Math.floor(random() * n);

/** A zoo model with a weight beside it that makes the file as weight-heavy as real ones. */
function fileOf(style: (typeof ZOO)[number]): Uint8Array {
  const { model } = buildZoo(style);
  const ballast = makeTensor('ballast', [512, 512], new Float32Array(512 * 512));
  const initializers = [...model.graph.initializers, ballast];
  return writeOnnx({ ...model, graph: { ...model.graph, initializers } });
}

const CORRUPTIONS: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
  function truncated(bytes) {
    return bytes.slice(0, below(bytes.length));
  },
  function bitsFlipped(bytes) {
    const copy = bytes.slice();
    // Most of a file are weights, where nothing can break: stay in its first part half of the time.
    const reach = below(2) === 0 ? 20_000 : copy.length;
    for (let i = below(8); i >= 0; i--) copy[below(reach)]! ^= 1 << below(8);
    return copy;
  },
  function absurdLengths(bytes) {
    const copy = bytes.slice();
    const at = below(20_000);
    copy.set([0xff, 0xff, 0xff, 0xff, below(2) === 0 ? 0x07 : 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], at);
    return copy;
  },
  function piecesMoved(bytes) {
    const copy = bytes.slice();
    const [from, to, length] = [below(20_000), below(20_000), below(200)];
    copy.copyWithin(to, from, from + length);
    return copy;
  },
  function noise(bytes) {
    return Uint8Array.from({ length: below(4000) }, () => below(256)).map((v, i) => (i < 8 ? bytes[i]! : v));
  },
];

describe('10,000 corrupted files', () => {
  it('never crash, hang or take more memory than four times the file', () => {
    const files = ZOO.map(fileOf);
    const outcomes = { read: 0, refused: 0 };
    let [slowest, mostMemory] = [0, 0];
    for (let i = 0; i < 10_000; i++) {
      const bytes = CORRUPTIONS[i % CORRUPTIONS.length]!(files[below(files.length)]!);
      const before = memory();
      const start = performance.now();
      try {
        rewritten(readOnnx(bytes, 'broken.onnx'));
        outcomes.read++;
      } catch (error) {
        if (!(error instanceof E2PError)) throw error;
        outcomes.refused++;
      }
      slowest = Math.max(slowest, performance.now() - start);
      // A collection in between makes the difference too small, never too large.
      mostMemory = Math.max(mostMemory, (memory() - before) / Math.max(bytes.length, 1_000_000));
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
