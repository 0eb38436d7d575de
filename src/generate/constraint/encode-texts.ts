/** Texts as the tokens that say exactly them, for many texts: events are let in between, since a catalogue takes seconds. */
import { E2PError, throwIfAborted } from '../../error.ts';
import type { BaseModel } from '../../model/base-model.ts';
import { yieldToEvents } from '../../runtime/event-loop.ts';
import { encodeText } from '../prompt.ts';

/** About 20 ms of work. */
const TEXTS_AT_ONCE = 500;

/**
 * @param name of the list, for messages
 * @throws E2PError `invalid-argument` for a text that the tokenizer changes; the signal's reason on an abort
 */
export async function encodeTexts(
  model: BaseModel,
  texts: readonly string[],
  name: string,
  signal?: AbortSignal,
): Promise<readonly (readonly number[])[]> {
  const sequences: (readonly number[])[] = [];
  for (const [i, text] of texts.entries()) {
    if (i % TEXTS_AT_ONCE === TEXTS_AT_ONCE - 1) await yieldToEvents();
    throwIfAborted(signal);
    const ids = encodeText(model, text);
    if (model.codec.decode(ids) !== text) {
      throw new E2PError(
        'invalid-argument',
        `${name}: text ${i + 1} of ${texts.length} comes back from the tokenizer of ${model.name} as another, expected one that it keeps`,
      );
    }
    sequences.push(ids);
  }
  return sequences;
}
