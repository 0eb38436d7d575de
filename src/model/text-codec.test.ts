/** Token ids against those of Hugging Face's tokenizers in Rust (`tokenizers`, Python), which the models were trained with. */
import { describe, expect, it } from 'vitest';
import { hasShared, readShared, sharedNote } from '../testing/shared.ts';
import { createTextCodec } from './text-codec.ts';

const json = (path: string) => JSON.parse(new TextDecoder().decode(readShared(`models/${path}`)));

describe.skipIf(!hasShared)(`the tokenizer of SmolLM2${sharedNote}`, () => {
  it.each([
    ['½ cup', [16738, 7118]],
    ['x² + 12³', [104, 19133, 1232, 216, 33, 34, 39050]],
    ['Ⅷ and ٣٤', [173, 223, 117, 284, 216, 164, 113, 164, 114]],
    ['2½', [34, 16738]],
  ])('parts %s at every numeric character', (text, ids) => {
    const folder = 'smollm2-135m-instruct';
    const codec = createTextCodec(
      json(`${folder}/tokenizer.json`),
      json(`${folder}/tokenizer_config.json`),
      folder,
    );
    expect(codec.encode(text)).toEqual(ids);
    expect(codec.decode(ids)).toBe(text);
  });
});
