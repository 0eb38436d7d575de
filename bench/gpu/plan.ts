/** What the GPU check's page is asked to do, and what it answers. */
import type { Dtype } from '../../src/node.ts';
import type { ExportRow } from '../../src/testing/exports/structure-folder.ts';
import type { GpuReport } from './report.ts';

export interface Plan {
  /** For trying the check itself: little of everything, without a GPU too. */
  readonly smoke: boolean;
  readonly texts: readonly {
    readonly model: string;
    readonly dtype: Dtype;
    readonly projector: string;
    readonly prompt: string;
    /** Address of demo people without its ending. */
    readonly people: string;
  }[];
  readonly models: readonly {
    readonly name: string;
    /** Undefined: one of random weights. */
    readonly url?: string;
    readonly dtype: Dtype;
    readonly layers?: number;
    readonly train: boolean;
  }[];
  readonly exports: readonly ExportRow[];
}

type Lists = Required<Pick<GpuReport, 'placements' | 'exports' | 'models' | 'texts' | 'failures'>>;

export type Finding =
  | { readonly kind: 'log' | 'no-gpu'; readonly text: string }
  | ({ readonly kind: 'device' } & Pick<GpuReport, 'adapter' | 'browser' | 'features'>)
  | { [K in keyof Lists]: { readonly kind: K; readonly found: Lists[K][number] } }[keyof Lists]
  | { readonly kind: 'done' };
