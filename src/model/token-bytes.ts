/**
 * The bytes that each token adds to a text. A token may be a part of a character, so bytes are what an answer can be checked by while it
 * comes. Two families of tokenizers are known: byte-level BPE, and SentencePiece with `▁` for a space and `<0x0A>` for a byte.
 */
import type { Json } from './text-codec.ts';

export interface TokenBytes {
  /** Token id → its bytes; undefined where it adds none: special tokens, ids without a token. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** Whether a space that begins the first token of a text is left out of the text. */
  readonly dropsFirstSpace: boolean;
}

export interface Token {
  readonly id: number;
  readonly content: string;
  /** Of `added_tokens`: its content is its text. */
  readonly isAdded: boolean;
  readonly isSpecial: boolean;
}

/** @returns undefined where the decoder is of another family */
export function readTokenBytes(decoder: unknown, tokens: Iterable<Token>): TokenBytes | undefined {
  const family = familyOf(decoder);
  if (family === undefined) return undefined;
  const encoder = new TextEncoder();
  const bytes: (Uint8Array | undefined)[] = [];
  for (const { id, content, isAdded, isSpecial } of tokens) {
    if (isSpecial) bytes[id] = undefined;
    else bytes[id] = isAdded ? encoder.encode(content) : family.bytesOf(content);
  }
  return { bytes, dropsFirstSpace: family.dropsFirstSpace };
}

interface Family {
  readonly bytesOf: (content: string) => Uint8Array | undefined;
  readonly dropsFirstSpace: boolean;
}

function familyOf(decoder: unknown): Family | undefined {
  const { type, decoders } = (decoder ?? {}) as Json;
  const steps = (type === 'Sequence' && Array.isArray(decoders) ? decoders : [decoder]) as (Json | null)[];
  const find = (wanted: string) => steps.find((step) => step?.type === wanted);
  if (find('ByteLevel') !== undefined) {
    return steps.length === 1 ? { bytesOf: byteLevelBytes, dropsFirstSpace: false } : undefined;
  }
  const known = ['Replace', 'ByteFallback', 'Fuse', 'Strip', 'Metaspace'];
  if (!steps.every((step) => known.includes(String(step?.type)))) return undefined;
  const [replace, strip, metaspace] = [find('Replace'), find('Strip'), find('Metaspace')];
  const isSpace = (replace?.pattern as Json | undefined)?.String === '▁' && replace?.content === ' ';
  if (replace !== undefined ? !isSpace : (metaspace?.replacement ?? '') !== '▁') return undefined;
  const isStripped = strip?.content === ' ' && strip.start === 1 && strip.stop === 0;
  if (strip !== undefined && !isStripped) return undefined;
  const isPrefixed = metaspace?.prepend_scheme !== 'never' && metaspace?.add_prefix_space !== false;
  const hasBytes = find('ByteFallback') !== undefined;
  const encoder = new TextEncoder();
  return {
    dropsFirstSpace: isStripped || (metaspace !== undefined && isPrefixed),
    bytesOf: (content) => {
      const [, byte] = (hasBytes && /^<0x([0-9A-F]{2})>$/.exec(content)) || [];
      if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
      return encoder.encode(content.replaceAll('▁', ' '));
    },
  };
}

/** GPT-2's `bytes_to_unicode`: a byte that can be seen stands for itself, the others for U+0100 and what follows it, in their order. */
const BYTE_OF = (() => {
  const isSeen = (b: number) => (b > 32 && b < 127) || (b > 160 && b !== 173);
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const others = all.filter((byte) => !isSeen(byte));
  return new Map(
    all.map((byte) => [String.fromCodePoint(isSeen(byte) ? byte : 256 + others.indexOf(byte)), byte]),
  );
})();

function byteLevelBytes(content: string): Uint8Array | undefined {
  const bytes = Array.from(content, (character) => BYTE_OF.get(character));
  return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : undefined;
}
