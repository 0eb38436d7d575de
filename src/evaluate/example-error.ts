/** What goes wrong with examples says which they are: a message of the model or of the prompt's template knows no lines. */
import { E2PError } from '../error.ts';

const SHOWN = 8;

/** As `work`, with its errors naming the lines of the data that it is about. */
export async function namingLines<T>(lines: readonly number[], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof E2PError)) throw cause;
    const more = lines.length > SHOWN ? ' …' : '';
    const where = `line${lines.length === 1 ? '' : 's'} ${lines.slice(0, SHOWN).join(', ')}${more}`;
    throw new E2PError(cause.code, `${where}: ${cause.message}`, { cause });
  }
}
