/** A generation as a stream of its text: it begins at once, and leaving it aborts what runs. */
import type { GenerateOptions } from './answer.ts';

/** Also where a browser's streams can't be looped over yet. */
export type TextReadable = ReadableStream<string> & AsyncIterable<string>;

/**
 * Where the generation fails, text that was not read yet is dropped. Whoever cancels, or leaves a loop early, waits until it has stopped.
 */
export function textReadable(
  generate: (options: GenerateOptions) => Promise<unknown>,
  options: GenerateOptions,
): TextReadable {
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  let finished: Promise<void> | undefined;
  const stream = new ReadableStream<string>({
    start: (controller) => {
      const onText = (text: string) => {
        if (left.signal.aborted) return;
        options.onText?.(text);
        controller.enqueue(text);
      };
      finished = generate({ ...options, signal, onText }).then(
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
  return Symbol.asyncIterator in stream ? (stream as TextReadable) : withIterator(stream);
}

function withIterator(stream: ReadableStream<string>): TextReadable {
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
  return Object.assign(stream, { [Symbol.asyncIterator]: iterate }) as TextReadable;
}
