/**
 * The pipeline's session with a place for soft tokens: the same graph with `Where(soft_mask, soft_embeds, embeddings)` behind its lookup.
 * Which ids tensor has soft tokens is looked up by the tensor itself, so generations for several people may run side by side, and any
 * other run computes what the graph did before.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { externalDataOf } from '../model/graph-files.ts';
import { cacheDims } from '../onnx/cache-dims.ts';
import { toFloat16 } from '../onnx/float16.ts';
import { inspected } from '../onnx/inspected.ts';
import { normsOutside } from '../onnx/norms-outside.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { addSoftTokens, type SoftTokenInputs } from '../onnx/soft-token.ts';
import { checkOperators } from '../runtime/operators.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';
import type { InputMetadata, PipelineSession } from './pipeline-parts.ts';

/** Index of a token → vector [H]. */
export type SoftRows = ReadonlyMap<number, Float32Array>;

export interface SoftSession extends PipelineSession {
  /** The run that reads `ids` [1, n] has these in place of some of its tokens. */
  place(ids: Tensor, soft: SoftRows): void;
}

/** @param original is not released. @throws E2PError `unsupported-graph`, `runtime-failed` */
export async function createSoftSession(
  model: BaseModel,
  runtime: Runtime,
  original: PipelineSession,
): Promise<SoftSession> {
  const { facts, table } = model;
  checkOperators(facts.operators, runtime, table.path);
  const { plain } = inspected(table.model, table.path);
  const { model: softened, inputs } = addSoftTokens(plain, facts);
  const graph = runtime.backend === 'webgpu' ? softened : normsOutside(softened);
  const needed = plain.graph.inputs.map(({ name }) => name).filter((name) => !isWeight(name));
  const unfed = needed.filter((name) => !original.inputNames.includes(name));
  if (unfed.length > 0) {
    const reason = `it takes ${unfed.join(', ')}, which the pipeline does not feed`;
    throw new E2PError('unsupported-graph', `${table.path}: ${reason}`);
  }
  const session = await runtime.createSession(writeOnnx(graph), {
    externalData: externalDataOf(table.weights),
    keepOnDevice: facts.cache.map(({ present }) => present),
  });
  const inputMetadata = original.inputMetadata.map((input) => withSizes(model, input));
  const placed = new WeakMap<Tensor, SoftRows>();
  return {
    inputMetadata,
    inputNames: original.inputNames,
    outputNames: session.outputNames,
    config: original.config,
    place: (ids, soft) => void placed.set(ids, soft),
    run: (feeds) => {
      const ids = feeds[facts.ids.name]!;
      const known = Object.fromEntries(needed.map((name) => [name, feeds[name]!]));
      return session.run({ ...known, ...softFeeds(model, runtime, inputs, ids, placed.get(ids)) });
    },
    release: () => session.release(),
  };

  /** Older files list their weights among the inputs. */
  function isWeight(name: string): boolean {
    return plain.graph.initializers.some((tensor) => tensor.name === name);
  }
}

/**
 * Some files name a size of the cache that never varies (`kv_cache_dim`), which the pipeline then takes for 0: version 4.3.1 of
 * Transformers.js can't run them. What is known of it by the graph and the configuration is filled in.
 */
function withSizes({ facts, config }: BaseModel, input: InputMetadata): InputMetadata {
  const tensor = facts.cache.find(({ past }) => past === input.name);
  if (tensor === undefined || input.shape === undefined) return input;
  const sizes = cacheDims(tensor, { rows: 1, length: 0 }, config.attention);
  const varies = [tensor.batchAxis, tensor.lengthAxis];
  return { ...input, shape: input.shape.map((size, axis) => (varies.includes(axis) ? size : sizes[axis]!)) };
}

/** Mask [1, n, 1] and vectors [1, n, H]; where there is no soft token both are one broadcast element. */
function softFeeds(
  { facts: { hiddenSize, embedding } }: BaseModel,
  runtime: Runtime,
  inputs: SoftTokenInputs,
  ids: Tensor,
  soft: SoftRows | undefined,
): Record<string, Tensor> {
  const [count, width] = soft === undefined ? [1, 1] : [ids.dims[1]!, hiddenSize];
  const mask = new Uint8Array(count);
  const embeds = new Float32Array(count * width);
  for (const [at, vector] of soft ?? []) {
    mask[at] = 1;
    embeds.set(vector, at * width);
  }
  const values = embedding.type === 'float16' ? toFloat16(embeds) : embeds;
  return {
    [inputs.mask]: runtime.tensor('bool', mask, [1, count, 1]),
    [inputs.embeds]: runtime.tensor(embedding.type, values, [1, count, width]),
  };
}
