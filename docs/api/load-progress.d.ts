/// <reference lib="esnext.disposable" />
import { b as Dtype } from "./fuse-embeddings.js";
import { i as FetchProgress } from "./user-embedding.js";
import { Lt as StorageBackend, Mt as TotalProgress, jt as FileProgress } from "./common-surface.js";
/** Where weights are kept. */
interface StoragePlace {
  /** What keeps the files; `memory`: nothing does. */
  readonly backend: StorageBackend;
  /** Why nothing is kept, for the person in front of the page; undefined where all is well. */
  readonly warning: string | undefined;
}
/** An earlier load of the model in a tab that was gone before the model was up: killed, most likely, for want of memory. */
interface InterruptedLoad {
  /** What was brought up. */
  readonly dtype: Dtype;
  /** When that began. */
  readonly at: Date;
  /** Other precisions in the model's folder whose files are smaller, the largest first. */
  readonly smaller: readonly SmallerVariant[];
}
/** A precision in a model's folder. */
interface SmallerVariant {
  /** As the option takes it. */
  readonly dtype: Dtype;
  /** Of its graph and weights. */
  readonly bytes: number;
}
/**
 * Progress of `create` and of `user.describe`: where weights are kept, files by bytes, in a browser onnxruntime's WebAssembly by bytes
 * (`runtime`), weights that are turned into int8 for WASM by bytes (`convert`: once, and kept), then the device and the graph, which report only that they began. `all` goes over every file of both.
 * Before them, in a browser, that an earlier load was `interrupted`.
 */
type LoadProgress = ({
  readonly stage: 'storage';
} & StoragePlace) | ({
  readonly stage: 'interrupted';
} & InterruptedLoad) | (BytesProgress & {
  /** Over all files. */
  readonly all: TotalProgress;
}) | ({
  readonly stage: 'convert';
} & Pick<FetchProgress, 'file' | 'loaded'> & {
  /** Bytes of what is made. */
  readonly total: number;
}) | {
  readonly stage: 'device';
} | {
  readonly stage: 'graph';
};
type BytesProgress = ({
  readonly stage: 'file';
} & FetchProgress) | ({
  readonly stage: 'runtime';
} & Pick<FileProgress, 'file' | 'loaded' | 'total'>);
export { StoragePlace as i, LoadProgress as n, SmallerVariant as r, InterruptedLoad as t };