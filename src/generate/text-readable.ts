/** A generation as a stream of its pieces: it begins at once, and leaving it aborts what runs. */
import type { GenerateOptions } from './answer.ts';

/** Also where a browser's streams can't be looped over yet. */
export type Readable<T> = ReadableStream<T> & AsyncIterable<T>;
/** A stream of pieces of text, as soon as each can be shown; to be read once. Cancelling it aborts the answer. */
export type TextReadable = Readable<string>;

export function textReadable(
  generate: (options: GenerateOptions) => Promise<unknown>,
  options: GenerateOptions,
): TextReadable {
  return readable((signal, push: (text: string) => void) => {
    const onText = (text: string) => {
      if (signal.aborted) return;
      options.onText?.(text);
      push(text);
    };
    return generate({ ...options, signal, onText });
  }, options.signal);
}

/**
 * Where `run` fails, pieces that were not read yet are dropped. Whoever cancels, or leaves a loop early, waits until it has stopped.
 * @param run gets a signal that is aborted with `given`, or when the stream is left
 */
export function readable<T>(
  run: (signal: AbortSignal, push: (piece: T) => void) => Promise<unknown>,
  given: AbortSignal | undefined,
): Readable<T> {
  const left = new AbortController();
  const signal = given ? AbortSignal.any([given, left.signal]) : left.signal;
  let finished: Promise<void> | undefined;
  const stream = new ReadableStream<T>({
    start: (controller) => {
      const push = (piece: T) => {
        if (!left.signal.aborted) controller.enqueue(piece);
      };
      finished = run(signal, push).then(
        () => {
          if (!left.signal.aborted) controller.close();
        },
        (error: unknown) => {
          if (!left.signal.aborted) controller.error(error);
        },
      );
    },
    cancel: async () => {
      left.abort();
      await finished;
    },
  });
  return Symbol.asyncIterator in stream ? (stream as Readable<T>) : withIterator(stream);
}

function withIterator<T>(stream: ReadableStream<T>): Readable<T> {
  const iterate = async function* () {
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel();
    }
  };
  return Object.assign(stream, { [Symbol.asyncIterator]: iterate }) as Readable<T>;
}
