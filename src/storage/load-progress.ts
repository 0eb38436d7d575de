/** What whoever waits for a model is told: the same in a browser and in Node. */
import type { Dtype } from '../onnx/dtype.ts';
import type { FetchProgress } from './file-source.ts';
import type { FileProgress, TotalProgress } from './total-progress.ts';
import type { StorageBackend } from './weight-store.ts';

/** Where weights are kept. */
export interface StoragePlace {
  /** What keeps the files; `memory`: nothing does. */
  readonly backend: StorageBackend;
  /** Why nothing is kept, for the person in front of the page; undefined where all is well. */
  readonly warning: string | undefined;
}

/** An earlier load of the model in a tab that was gone before the model was up: killed, most likely, for want of memory. */
export interface InterruptedLoad {
  /** What was brought up. */
  readonly dtype: Dtype;
  /** When that began. */
  readonly at: Date;
  /** Other precisions in the model's folder whose files are smaller, the largest first. */
  readonly smaller: readonly SmallerVariant[];
}

/** A precision in a model's folder. */
export interface SmallerVariant {
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
export type LoadProgress =
  | ({ readonly stage: 'storage' } & StoragePlace)
  | ({ readonly stage: 'interrupted' } & InterruptedLoad)
  | (BytesProgress & {
      /** Over all files. */
      readonly all: TotalProgress;
    })
  | ({ readonly stage: 'convert' } & Pick<FetchProgress, 'file' | 'loaded'> & {
        /** Bytes of what is made. */
        readonly total: number;
      })
  | { readonly stage: 'device' }
  | { readonly stage: 'graph' };

export type BytesProgress =
  | ({ readonly stage: 'file' } & FetchProgress)
  | ({ readonly stage: 'runtime' } & Pick<FileProgress, 'file' | 'loaded' | 'total'>);
