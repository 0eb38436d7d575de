/** What the GPU check finds: `docs/results/gpu.json`, of which `docs/results/gpu.md` is made. */

import type { GpuCalls } from '../../src/testing/gpu-calls.ts';

export interface GpuReport {
  readonly date: string;
  readonly commit?: string;
  /** As the browser calls it. */
  readonly adapter: Readonly<Record<'vendor' | 'architecture' | 'device' | 'description', string>>;
  /** As the driver calls it, where it says. */
  readonly card?: string;
  readonly browser: string;
  readonly features: readonly string[];
  readonly seconds: number;
  /** Where nodes run. Absent in runs older than the check. */
  readonly placements?: readonly PlacementFound[];
  readonly exports: readonly ExportFound[];
  readonly models: readonly ModelFound[];
  /** Of the engine in its sealed worker: what it was loaded with, and what it wrote. */
  readonly texts: readonly TextFound[];
  readonly failures: readonly { readonly step: string; readonly error: string }[];
}

export interface ExportFound {
  readonly exporter: string;
  readonly architecture: string;
  readonly generates: string;
  readonly trains: string;
  /** Of its structure in Node; what is found here should be the same. */
  readonly expected: { readonly generates: string; readonly trains: string };
}

/** Of a few layers of random weights, as the engine runs them. */
export interface PlacementFound {
  readonly layers: number;
  /** What the model says of its device. */
  readonly reason: string;
  /** Nodes that WebGPU leaves to the CPU, and copies between the two. */
  readonly onCpu: readonly string[];
}

/** Times are medians, in milliseconds. */
export interface DeviceTimes {
  readonly device: string;
  readonly threads: number;
  readonly prefillChunk: number;
  readonly createMs: number;
  /** Tokens → until the first token's logits are here. */
  readonly prefillMs: Readonly<Record<number, number>>;
  /** The same with four soft tokens among them. */
  readonly softPrefillMs: Readonly<Record<number, number>>;
  /** Tokens in the cache → a token more. */
  readonly decodeMs: Readonly<Record<number, number>>;
}

/** A token more, as steps are repeated, are run on buffers that stay, or get new ones. */
export interface DecodeWay {
  readonly way: 'repeated' | 'in place' | 'copied';
  /** What the model says of its device. */
  readonly reason: string;
  readonly decodeMs: Readonly<Record<number, number>>;
  /** Of WebGPU, for each step. */
  readonly calls: GpuCalls;
}

export interface ModelFound {
  readonly name: string;
  readonly dtype: string;
  readonly activations: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabulary: number;
  /** Largest difference of logits, as a share of the largest logit of the CPU. */
  readonly differences: {
    /** Prompt of 300 tokens, read in pieces of so many tokens, against the CPU. */
    readonly pieces: Readonly<Record<number, number>>;
    /** A soft token that is a token's own embedding, against that token, both on the GPU. */
    readonly ownEmbedding: number;
    /** A soft token that is none, against the CPU. */
    readonly softToken: number;
  };
  /** Greedy tokens that are the CPU's, of so many; and how near the CPU's two best logits were where they part. */
  readonly greedy: { readonly same: number; readonly of: number; readonly margin?: number };
  readonly training?: {
    readonly lossDifference: number;
    /** ‖gpu − cpu‖ / ‖cpu‖ */
    readonly gradientDifference: number;
    readonly batch: number;
    readonly length: number;
    readonly gpuMs: number;
    readonly cpuMs: number;
  };
  readonly times: readonly DeviceTimes[];
  readonly ways?: readonly DecodeWay[];
}

export interface TextFound {
  readonly model: string;
  readonly dtype: string;
  readonly device: string;
  readonly reason: string;
  readonly prompt: string;
  readonly who: string;
  readonly text: string;
  readonly tokens: number;
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}
