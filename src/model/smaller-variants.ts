/** Which other variants of a model's folder are smaller, for a device on which one of them was too large. By sizes alone: nothing is downloaded. */
import type { FileSource, ReadOptions } from '../storage/file-source.ts';
import type { SmallerVariant } from '../storage/load-progress.ts';
import { graphPaths } from './graph-files.ts';
import { DTYPE_SUFFIX, type Dtype } from './model-config.ts';

/** The largest first; none where the source can't tell how large they are. */
export async function smallerVariants(
  source: FileSource,
  than: Dtype,
  { signal }: Pick<ReadOptions, 'signal'> = {},
): Promise<readonly SmallerVariant[]> {
  const sizeOf = async (path: string) => {
    const size = await source.size?.(path, { signal }).catch(() => undefined);
    return typeof size === 'number' ? size : undefined;
  };
  const listed = await source.list?.().catch(() => undefined);
  const bytesOf = async (dtype: Dtype): Promise<number | undefined> => {
    for (const { path } of graphPaths([dtype])) {
      const graph = await sizeOf(path);
      if (graph === undefined) continue;
      const isBeside = (other: string) =>
        other.startsWith(`${path}_data`) || other.startsWith(`${path}.data`);
      const beside = await Promise.all((listed?.filter(isBeside) ?? [`${path}_data`]).map(sizeOf));
      return beside.reduce<number>((sum, size = 0) => sum + size, graph);
    }
    return undefined;
  };
  const own = await bytesOf(than);
  if (own === undefined) return [];
  const others = (Object.keys(DTYPE_SUFFIX) as Dtype[]).filter((dtype) => dtype !== than);
  const variants = await Promise.all(others.map(async (dtype) => ({ dtype, bytes: await bytesOf(dtype) })));
  return variants
    .filter((variant): variant is SmallerVariant => variant.bytes !== undefined && variant.bytes < own)
    .sort((a, b) => b.bytes - a.bytes);
}
