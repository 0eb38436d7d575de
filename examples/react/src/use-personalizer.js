/** A personalizer for as long as a component is there, and how far it has come. */
import { useEffect, useState } from 'react';

/**
 * @param create `({ signal, onProgress }) => Promise` of a personalizer and what comes with it; the same function in each render
 * @returns `{ loaded }` when it is there, before that `{ progress }`; `{ error }` where it failed
 */
export function usePersonalizer(create) {
  const [state, setState] = useState({});
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (next) => signal.aborted || setState(next);
    const creating = create({ signal, onProgress: (progress) => tell({ progress }) });
    creating.then(
      (loaded) => tell({ loaded }),
      (error) => tell({ error }),
    );
    return () => {
      controller.abort();
      setState({});
      // It may have been ready before it heard of the end.
      creating.then(
        ({ personalizer }) => personalizer.destroy(),
        () => {},
      );
    };
  }, [create]);
  return state;
}
