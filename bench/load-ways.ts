/** The ways of loading a model that `bench load` compares, in Node and in a page. */
export const LOAD_WAYS = ['bytes', 'transformers', 'e2p-web'] as const;
export type LoadWay = (typeof LOAD_WAYS)[number];
export type LoadDevice = 'webgpu' | 'wasm';
