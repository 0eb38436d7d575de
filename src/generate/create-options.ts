/** What a personalizer is asked for, in a browser or in Node: a name or a value that nobody knows is refused, not passed over. */
import { readArgument } from '../error.ts';
import { CPU_WEIGHTS } from '../model/cpu-weights.ts';
import { DTYPE_SUFFIX } from '../model/model-config.ts';
import { createReader } from '../user/read-untrusted.ts';

const DTYPES = Object.keys(DTYPE_SUFFIX);

/**
 * @param known all names that there are
 * @throws E2PError `invalid-argument` naming the option and what is allowed
 */
export function checkCreateOptions<T extends object>(
  given: T,
  known: readonly (keyof T & string)[],
  {
    dtypes = DTYPES,
    devices = [],
  }: { readonly dtypes?: readonly string[]; readonly devices?: readonly string[] } = {},
): T {
  const options = readArgument('the options of a personalizer', () => ({ ...given }));
  const reader = createReader('invalid-argument', 'the options of a personalizer');
  const { dtype, device, cpuWeights, onProgress, onDrift, signal } = reader.fields(options, '', known);
  if (dtype !== undefined) reader.oneOf(dtype, 'dtype', dtypes);
  if (device !== undefined) reader.oneOf(device, 'device', devices);
  if (cpuWeights !== undefined) reader.oneOf(cpuWeights, 'cpuWeights', CPU_WEIGHTS);
  for (const [name, told] of Object.entries({ onProgress, onDrift })) {
    if (told !== undefined && typeof told !== 'function') reader.refuse(name, 'a function');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) reader.refuse('signal', 'an AbortSignal');
  return options;
}

export const WITH_AUTO = [...DTYPES, 'auto'];
