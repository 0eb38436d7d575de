/** Command-line options that are one of a few words. */
import { E2PError } from '../error.ts';
import { DTYPE_SUFFIX, type Dtype } from '../model/model-config.ts';

/** Reads an option. @throws E2PError `invalid-argument` naming it and what is expected. */
export function oneOf<const T extends string>(...known: readonly T[]): (text: string, name: string) => T {
  return (text, name) => {
    const found = known.find((word) => word === text);
    if (found !== undefined) return found;
    const expected = known.join(', ');
    throw new E2PError(
      'invalid-argument',
      `--${name} is ${JSON.stringify(text)}, expected one of ${expected}`,
    );
  };
}

export const dtype = oneOf(...(Object.keys(DTYPE_SUFFIX) as Dtype[]));
