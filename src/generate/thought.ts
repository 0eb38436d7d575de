/**
 * The part of an answer that a reasoning model writes before it answers. It stands between tokens of the model's own; the prompt may have
 * opened it already, or the answer's first token does. Whatever comes later is answer.
 */
import type { TextCodec } from '../model/text-codec.ts';
import { TextStream } from './text-stream.ts';

export class Thought {
  readonly #marks: TextCodec['thoughts'];
  readonly #stream: TextStream;
  readonly #onText: ((text: string) => void) | undefined;
  #state: 'possible' | 'open' | 'over';
  /** White space, shown only where more follows. */
  #held = '';
  #text = '';
  #tokens = 0;

  /**
   * @param prompt ids that the answer follows
   * @param isBegun the answer's first words are given, so that no thought comes before them, unless they open one
   */
  constructor(
    codec: TextCodec,
    prompt: readonly number[],
    isBegun: boolean,
    onText?: (text: string) => void,
  ) {
    this.#marks = codec.thoughts;
    this.#stream = new TextStream((ids) => codec.decode(ids));
    this.#onText = onText;
    const state = stateAfter(codec, prompt);
    this.#state = isBegun && state === 'possible' ? 'over' : state;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** The token that may begin it now. */
  get opening(): number | undefined {
    return this.#state === 'possible' ? this.#marks?.open.id : undefined;
  }

  /** Without white space around it. */
  get text(): string {
    return this.#text;
  }

  /** Tokens of it, its marks included where the model wrote them. */
  get tokens(): number {
    return this.#tokens;
  }

  /** The answer's next token. @returns whether it is of the thought */
  take(id: number): boolean {
    if (this.#state === 'over') return false;
    if (this.#state === 'possible') {
      this.#state = id === this.opening ? 'open' : 'over';
      if (this.#state === 'over') return false;
    } else if (id === this.#marks?.close.id) {
      this.#show(this.#stream.end());
      this.#state = 'over';
    } else this.#show(this.#stream.push(id));
    this.#tokens++;
    return true;
  }

  /** Nothing more comes: what was held back of an unfinished character. */
  end(): void {
    if (this.#state === 'open') this.#show(this.#stream.end());
  }

  #show(piece: string): void {
    const all = this.#text === '' ? piece.trimStart() : this.#held + piece;
    const shown = all.trimEnd();
    this.#held = all.slice(shown.length);
    this.#text += shown;
    if (shown !== '') this.#onText?.(shown);
  }
}

/** A template may end with the opening mark, or with a thought that it has closed. */
function stateAfter(codec: TextCodec, prompt: readonly number[]): 'possible' | 'open' | 'over' {
  const { thoughts } = codec;
  if (thoughts === undefined) return 'over';
  const marks = [thoughts.open.id, thoughts.close.id];
  const last = prompt.findLastIndex((id) => marks.includes(id));
  // A special token, which decodes to nothing, begins something else.
  const isBlank = (id: number) => /^\s+$/.test(codec.decode([id]));
  if (last === -1 || !prompt.slice(last + 1).every(isBlank)) return 'possible';
  return prompt[last] === thoughts.open.id ? 'open' : 'over';
}
