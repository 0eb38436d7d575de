import { describe, expect, it } from 'vitest';
import { TextStream } from './text-stream.ts';

/** A byte-level "tokenizer": ids are bytes, unfinished characters decode to U+FFFD. */
const decode = (ids: readonly number[]) => new TextDecoder().decode(Uint8Array.from(ids));
const bytes = (text: string) => [...new TextEncoder().encode(text)];

function stream(text: string, stops: readonly string[] = []) {
  const out = new TextStream(decode, stops);
  const pieces = bytes(text).map((b) => out.push(b));
  return { pieces, rest: out.end(), text: out.text, stopped: out.stopped };
}

describe('streaming text', () => {
  it('never shows half a character: é, 漢, 👋🏽 come whole', () => {
    const { pieces, text } = stream('é漢👋🏽!');
    expect(pieces.filter((p) => p !== '')).toEqual(['é', '漢', '👋', '🏽', '!']);
    expect(pieces.join('')).not.toContain('\ufffd');
    expect(text).toBe('é漢👋🏽!');
  });

  it('gives an unfinished last character at the end only', () => {
    const out = new TextStream(decode);
    expect(
      bytes('aé')
        .slice(0, 2)
        .map((b) => out.push(b)),
    ).toEqual(['a', '']);
    expect(out.end()).toBe('\ufffd');
  });

  it('a stop string and all behind it never show, though it came in pieces', () => {
    const { pieces, text, stopped } = stream('one\n\ntwo', ['\n\n']);
    expect(pieces.join('')).toBe('one');
    expect({ text, stopped }).toEqual({ text: 'one', stopped: true });
  });

  it('what only began like a stop string is shown after all', () => {
    expect(stream('a\nb', ['\n\n'])).toMatchObject({ text: 'a\nb', stopped: false });
    expect(stream('a\n', ['\n\n'])).toMatchObject({ rest: '\n', text: 'a\n', stopped: false });
  });

  it('the earliest of several stops wins', () => {
    expect(stream('a. END', ['END', '.'])).toMatchObject({ text: 'a' });
  });
});
