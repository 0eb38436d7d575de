/** Says once that a text is not, or not wholly, for a person: it looks like any other. */
import type { UserFit } from '../user/user-fit.ts';
import type { SessionOptions } from './personalizer.ts';
import type { SessionStatus } from './session.ts';

/** Of a session that is nobody's, where there is a projector and nobody asked for the bare model. */
export function createUnpersonalisedWarning(hasProjector: boolean) {
  const warn = createWarning(
    'e2p-web: a session was made without personalisation: no user is set, consent is not given, or the embedding is alien. personalise: false says that it is meant; session.personalised tells.',
  );
  return (status: SessionStatus, { personalise }: SessionOptions): void => {
    if (hasProjector && !status.personalised && personalise !== false) warn();
  };
}

/** Tells the app of an embedding that is not fine, or a leap from the one before; where nobody listens, the console once. */
export function createDriftNotice(onDrift: ((fit: UserFit) => void) | undefined) {
  const warn = createWarning(
    "e2p-web: a user's embedding is unlike those that the projector was trained on, and where it is alien it does not personalise. The option onDrift hears of each; personalizer.user.fit tells; drift: false turns it off.",
  );
  return (fit: UserFit): void => {
    const isLow = fit.level === 'unusual' || fit.level === 'alien';
    if (!isLow && fit.change !== 'leap') return;
    if (onDrift === undefined && isLow) warn();
    try {
      onDrift?.(fit);
    } catch (error) {
      // A listener's failure is the app's own; the user is set.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}

function createWarning(text: string) {
  let isSaid = false;
  return () => {
    if (isSaid) return;
    isSaid = true;
    // biome-ignore lint/suspicious/noConsole: for whoever builds the app
    console.warn(text);
  };
}
