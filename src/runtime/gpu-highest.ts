/**
 * The highest 64 of many numbers on the GPU, in order, by their bits: no number is computed with, so the values are those that are there, and
 * one that is no number comes first and can't be overlooked. Blocks of 1,024 are sorted and the first 64 of each go on to the next pass: three
 * passes for up to a million. 512 bytes are read back in place of the whole row.
 */
import { fromFloat16 } from '../onnx/float16.ts';

/** As many as are found. */
export const HIGHEST = 64;

/** The highest first, of equal ones the earlier first; NaN before all. */
export interface Highest {
  /** Their places. */
  readonly ids: Uint32Array;
  /** The numbers there. */
  readonly values: Float32Array;
}

const BLOCK = 1024;
const THREADS = 256;

/** Keys are unsigned and in the order of the numbers; 0 is none, all ones is NaN, and both zeros are one. */
const SHADER = `
struct Input { count: u32, kind: u32 } // kind 0: pairs of an earlier pass, 16 and 32: floats of so many bits
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> best: array<vec2<u32>>;
@group(0) @binding(2) var<uniform> input: Input;
var<workgroup> keys: array<u32, ${BLOCK}>;
var<workgroup> ids: array<u32, ${BLOCK}>;

fn keyOf(bits: u32) -> u32 {
  let size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) { return 0xffffffffu; }
  if (size == 0u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, bits != size);
}
fn keyOfHalf(bits: u32) -> u32 {
  let size = bits & 0x7fffu;
  if (size > 0x7c00u) { return 0xffffffffu; }
  if (size == 0u) { return 0x80000000u; }
  return select(bits | 0x8000u, ~bits & 0xffffu, bits != size) << 16u;
}
fn comesFirst(a: u32, b: u32) -> bool {
  return keys[a] > keys[b] || (keys[a] == keys[b] && ids[a] < ids[b]);
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  for (var k = thread; k < ${BLOCK}u; k += ${THREADS}u) {
    let at = group.x * ${BLOCK}u + k;
    keys[k] = 0u;
    ids[k] = 0xffffffffu;
    if (at < input.count) {
      if (input.kind == 0u) {
        keys[k] = source[2u * at];
        ids[k] = source[2u * at + 1u];
      } else {
        ids[k] = at;
        if (input.kind == 32u) { keys[k] = keyOf(source[at]); }
        else { keys[k] = keyOfHalf((source[at >> 1u] >> (16u * (at & 1u))) & 0xffffu); }
      }
    }
  }
  workgroupBarrier();
  for (var size = 2u; size <= ${BLOCK}u; size <<= 1u) {
    for (var stride = size >> 1u; stride > 0u; stride >>= 1u) {
      for (var k = thread; k < ${BLOCK / 2}u; k += ${THREADS}u) {
        let i = 2u * k - (k & (stride - 1u));
        let j = i + stride;
        if (comesFirst(j, i) == ((i & size) == 0u)) {
          let key = keys[i]; keys[i] = keys[j]; keys[j] = key;
          let id = ids[i]; ids[i] = ids[j]; ids[j] = id;
        }
      }
      workgroupBarrier();
    }
  }
  if (thread < ${HIGHEST}u) { best[group.x * ${HIGHEST}u + thread] = vec2(keys[thread], ids[thread]); }
}`;

/** One way through a buffer: what each pass reads is bound once. */
export interface Selection {
  /** Puts the passes into `encoder`. */
  readonly encode: (encoder: GPUCommandEncoder) => void;
  /** [64] pairs of a key and an id. */
  readonly best: GPUBuffer;
}

export const createSelector = (device: GPUDevice): GPUComputePipeline =>
  device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: SHADER }), entryPoint: 'main' },
  });

/** Of the first `count` floats of `bits` bits in a buffer. */
export function createSelection(
  device: GPUDevice,
  pipeline: GPUComputePipeline,
  values: GPUBuffer,
  count: number,
  bits: 16 | 32,
): Selection {
  const passes: { readonly bound: GPUBindGroup; readonly groups: number }[] = [];
  let [source, left, kind] = [values, count, bits as number];
  for (;;) {
    const groups = Math.ceil(left / BLOCK);
    const best = device.createBuffer({
      size: groups * HIGHEST * 8,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    const input = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(input, 0, Uint32Array.of(left, kind));
    const entries = [source, best, input].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bound = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    passes.push({ bound, groups });
    [source, left, kind] = [best, groups * HIGHEST, 0];
    if (groups === 1) break;
  }
  const encode = (encoder: GPUCommandEncoder) => {
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    for (const { bound, groups } of passes) {
      pass.setBindGroup(0, bound);
      pass.dispatchWorkgroups(groups);
    }
    pass.end();
  };
  return { encode, best: source };
}

/** Of what was read back. */
export function highestOf(pairs: Uint32Array, bits: 16 | 32): Highest {
  const keys = pairs.filter((_, i) => i % 2 === 0);
  const ids = pairs.filter((_, i) => i % 2 === 1);
  const found = ids.indexOf(0xffffffff);
  const count = found === -1 ? ids.length : found;
  // A key of 0 that has an id was never written: it becomes NaN, as it should.
  const floats = keys.map((key) =>
    key === 0xffffffff ? 0x7fc00000 : key >= 0x80000000 ? key ^ 0x80000000 : ~key,
  );
  const values =
    bits === 32
      ? new Float32Array(floats.buffer)
      : fromFloat16(Uint16Array.from(floats, (word) => (word === 0x7fc00000 ? 0x7e00 : word >>> 16)));
  return { ids: ids.slice(0, count), values: values.slice(0, count) };
}
