/** A session for one person at one strength: another person or strength is another session, and ends what is being written. */
import { useCallback, useEffect, useRef, useState } from 'react';

const IDLE = { text: '', isWriting: false, error: undefined };

async function openSession(personalizer, embedding, strength) {
  await personalizer.user.set(embedding);
  return personalizer.createSession({ strength });
}

/**
 * @param personalizer undefined while it is being loaded
 * @returns `text` grows while `isWriting`; `write(prompt)` begins a text, `stop()` ends it and leaves what is there
 */
export function useSession(personalizer, embedding, strength) {
  const [state, setState] = useState(IDLE);
  const opened = useRef();
  const running = useRef();
  const stop = useCallback(() => running.current?.abort(), []);

  useEffect(() => {
    if (personalizer === undefined) return;
    const opening = openSession(personalizer, embedding, strength);
    opened.current = opening;
    return () => {
      stop();
      running.current = undefined;
      setState(IDLE);
      opening.then(
        (session) => session.destroy(),
        () => {},
      );
    };
  }, [personalizer, embedding, strength, stop]);

  const write = useCallback(
    async (prompt) => {
      stop();
      const controller = new AbortController();
      running.current = controller;
      const { signal } = controller;
      // Of an older text nothing is shown any more.
      const show = (next) => running.current === controller && setState({ ...IDLE, ...next });
      let text = '';
      show({ isWriting: true });
      try {
        // Each text begins anew. For a conversation prompt the session itself.
        const session = await (await opened.current).clone();
        try {
          for await (const piece of session.promptStreaming(prompt, { signal })) {
            text += piece;
            show({ text, isWriting: true });
          }
        } finally {
          await session.destroy();
        }
        show({ text });
      } catch (error) {
        show({ text, error: signal.aborted ? undefined : error });
      }
    },
    [stop],
  );
  return { ...state, write, stop };
}
