/**
 * What tests of a device have found, so that each is done once for a device, its browser and a model: a number by what was tested, 0 where it
 * computes wrongly. The engine that tests has no storage, so they are handed in, and what is new is told.
 */

import { WASM_BYTES } from './wasm-bytes.ts';

export interface Findings {
  readonly known: Readonly<Record<string, number>>;
  /** Told at once, also where the load then fails. */
  readonly onFound: (key: string, found: number) => void;
  /** Whoever loads will bring another precision where float16 is newly found wrong. */
  readonly canReload: boolean;
}

/** Of a GPU, as far as a browser tells; it does not tell the driver's version, so findings also age. */
type AdapterInfo = Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'device' | 'description'>;

/** Which GPU, in which browser, with which onnxruntime (each version has another length); undefined where the browser does not tell the GPU, and nothing can be kept. */
export function identityOf(info: AdapterInfo | undefined): string | undefined {
  if (info === undefined || info.vendor === '') return undefined;
  const { vendor, architecture, device, description } = info;
  return [vendor, architecture, device, description, globalThis.navigator?.userAgent, WASM_BYTES.jspi].join(
    ' | ',
  );
}

/** What was tested of a GPU, as the key of a finding. */
export const findingKey = (
  identity: string,
  what: 'attention' | 'float16' | 'model' | 'capture' | 'threads',
  of: unknown = '',
): string => [identity, what, typeof of === 'string' ? of : JSON.stringify(of)].join(' | ');

/** The result of a test, from before where it is known. */
export async function testedOnce(
  findings: Findings | undefined,
  key: string | undefined,
  test: () => Promise<number>,
): Promise<number> {
  const before = key === undefined ? undefined : findings?.known[key];
  if (before !== undefined) return before;
  const found = await test();
  if (key !== undefined) findings?.onFound(key, found);
  return found;
}
