/**
 * Which operators a backend lacks, so that a model is refused with a reason before a session is made of it. Found by
 * making sessions of one node with operators that decoders use; `e2e/zoo.spec.ts` does so again on every backend.
 */
import { E2PError } from '../error.ts';
import type { Runtime } from './runtime.ts';

/** Operator with its domain → the backends that have it. */
export type MissingOperators = Readonly<Record<string, string>>;

/** The CPU provider in the JSPI bundle of onnxruntime-web 1.31. */
export const JSPI_CPU_LACKS: MissingOperators = {
  'com.microsoft.GatherBlockQuantized': 'WebGPU, WASM without JSPI and Node',
};

/** Operator sets that onnxruntime knows; a custom operator would need a library that no browser can load. */
const KNOWN_DOMAINS = ['', 'ai.onnx', 'com.microsoft'];

/** @throws E2PError `unsupported-graph` naming the operators and the backends that have them. */
export function checkOperators(operators: readonly string[], runtime: Runtime, fileName: string): void {
  const custom = operators.filter(
    (o) => !KNOWN_DOMAINS.includes(o.slice(0, Math.max(0, o.lastIndexOf('.')))),
  );
  if (custom.length > 0) {
    const sets = KNOWN_DOMAINS.slice(1).join(' and ');
    const reason = `no backend has ${custom.join(', ')}, expected operators of ${sets}`;
    throw new E2PError('unsupported-graph', `${fileName}: ${reason}`);
  }
  for (const operator of operators) {
    const elsewhere = runtime.lacks[operator];
    if (elsewhere === undefined) continue;
    const reason = `${operator} has no kernel on ${runtime.device}, but on ${elsewhere}`;
    throw new E2PError('unsupported-graph', `${fileName}: ${reason}`);
  }
}
