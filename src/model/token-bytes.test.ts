/** Bytes of tokens, put together, against what the tokenizers themselves decode. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { TINY_MODEL } from '../testing/tiny-encoder.ts';
import { createTextCodec, type Json, type TextCodec } from './text-codec.ts';
import { readTokenBytes } from './token-bytes.ts';

const TEXTS = ['The end', 'Zürich — 東京 🚀🏳️‍🌈', ' two  spaces\n\ttab', 'x² + 12³ = {"a": [1]}', '▁<0x0A>'];

function codecOf(folder: string): TextCodec {
  const json = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Json;
  return createTextCodec(json('tokenizer.json'), json('tokenizer_config.json'), folder);
}

function textOf(codec: TextCodec, ids: readonly number[]): string {
  const { bytes, dropsFirstSpace } = codec.tokenBytes()!;
  const all = ids.flatMap((id) => [...(bytes[id] ?? [])]);
  const text = new TextDecoder().decode(Uint8Array.from(all));
  return dropsFirstSpace ? text.replace(/^ /, '') : text;
}

describe.each([
  ['byte-level BPE, the default model', TINY_MODEL, true],
  [`byte-level BPE, SmolLM2${sharedNote}`, sharedPath('models/smollm2-135m-instruct'), hasShared],
  [`SentencePiece with bytes${sharedNote}`, sharedPath('models/stories260k'), hasShared],
])('%s', (_, folder, isThere) => {
  it.skipIf(!isThere)('the bytes of its tokens are those of the texts', () => {
    const codec = codecOf(folder);
    for (const text of TEXTS)
      expect(textOf(codec, codec.encode(text))).toBe(codec.decode(codec.encode(text)));
  });

  it.skipIf(!isThere)('special tokens have none', () => {
    const codec = codecOf(folder);
    expect(codec.tokenBytes()!.bytes[codec.tokenId(codec.eosToken!)!]).toBeUndefined();
  });
});

describe('token bytes', () => {
  const token = { id: 0, isAdded: false, isSpecial: false };
  it('an added token that is not special is its text, whatever the alphabet', () => {
    const added = { ...token, content: 'Ġ<think>', isAdded: true };
    const { bytes } = readTokenBytes({ type: 'ByteLevel' }, [added])!;
    expect(new TextDecoder().decode(bytes[0])).toBe('Ġ<think>');
  });

  it('know SentencePiece by Metaspace too', () => {
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never' };
    const { bytes, dropsFirstSpace } = readTokenBytes(metaspace, [{ ...token, content: '▁The' }])!;
    expect([new TextDecoder().decode(bytes[0]), dropsFirstSpace]).toEqual([' The', false]);
  });

  it.each([
    [{ type: 'WordPiece' }],
    [null],
    [{ type: 'Sequence', decoders: [{ type: 'CTC' }] }],
  ])('are not told for the decoder %o', (decoder) => {
    expect(readTokenBytes(decoder, [])).toBeUndefined();
  });
});
