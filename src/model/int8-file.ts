/** The file of int8 weights beside a graph: made of the graph's own once, kept where its source keeps files, and referred to by a graph of its own. */
import { externalLocations } from '../onnx/external-weights.ts';
import { type Int8Plan, planInt8 } from '../onnx/int8-weights.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import type { ExternalData, RuntimeSession } from '../runtime/runtime.ts';
import { type FileSource, makeFile, type ReadOptions } from '../storage/file-source.ts';
import { convertWeights } from './convert-weights.ts';
import { externalDataOf, folderOf, type GraphFiles, nameOf } from './graph-files.ts';

export interface Int8Graph extends Pick<Int8Plan, 'model'> {
  /** What it refers to: as a rule the converted file alone. */
  readonly data: readonly ExternalData[];
}

export interface ReadInt8Options extends ReadOptions {
  readonly source: FileSource;
  /** Asked before anything is made. */
  isWanted(bytes: number): Promise<boolean>;
}

/** Another number where {@link planInt8} or {@link convertWeights} gives other bytes for the same files. */
const RECIPE = 'int8, version 1';

/** @returns undefined where nothing can be converted, or it isn't wanted */
export async function readInt8(
  { path, weights }: GraphFiles,
  graph: OnnxModel,
  { source, isWanted, ...read }: ReadInt8Options,
): Promise<Int8Graph | undefined> {
  const location = `${nameOf(path)}.int8`;
  const plan = planInt8(graph, location);
  if (plan === undefined || !(await isWanted(plan.bytes))) return undefined;
  const made = {
    ...{ path: `${path}.int8`, recipe: RECIPE, size: async () => plan.bytes },
    from: weights.map((file) => folderOf(path) + file.path),
    pieces: () => convertWeights(plan, weights),
  };
  const { data, size } = await makeFile(source, made, read);
  const wanted = externalLocations(plan.model);
  const others = weights.filter((file) => wanted.includes(file.path));
  return {
    model: plan.model,
    data: [{ path: location, data, bytes: size }, ...externalDataOf(others)],
  };
}

/** Tokens of a row from which on int8 products are faster in Node: a few wait for their weights, of which int8 has twice the bytes. */
const MANY_TOKENS = 4;

/**
 * A session that reads many tokens with int8 weights, and few with those of the file.
 * @param ids the input whose last axis tells how many
 */
export async function byLength(
  ids: string,
  open: (isInt8: boolean) => Promise<RuntimeSession>,
): Promise<RuntimeSession> {
  const few = await open(false);
  const many = await open(true).catch(async (error) => {
    await few.release();
    throw error;
  });
  return {
    ...few,
    run: (feeds, inPlace) => (feeds[ids]!.dims.at(-1)! < MANY_TOKENS ? few : many).run(feeds, inPlace),
    release: async () => {
      await Promise.all([few.release(), many.release()]);
    },
  };
}
