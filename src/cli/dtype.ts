/** The option `--dtype`. */
import { E2PError } from '../error.ts';
import { DTYPE_SUFFIX, type Dtype } from '../model/model-config.ts';

/** @throws E2PError `invalid-argument` */
export function checkDtype(text: string | undefined): Dtype | undefined {
  if (text === undefined || Object.hasOwn(DTYPE_SUFFIX, text)) return text as Dtype | undefined;
  const known = Object.keys(DTYPE_SUFFIX).join(', ');
  throw new E2PError('invalid-argument', `--dtype is ${JSON.stringify(text)}, expected one of ${known}`);
}
