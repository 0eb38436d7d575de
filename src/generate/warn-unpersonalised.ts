/** Says once that a session is nobody's, where there is a projector and nobody asked for the bare model. */
import type { SessionOptions } from './personalizer.ts';
import type { SessionStatus } from './session.ts';

export function createUnpersonalisedWarning(hasProjector: boolean) {
  let isSaid = !hasProjector;
  return (status: SessionStatus, { personalise }: SessionOptions): void => {
    if (isSaid || status.personalised || personalise === false) return;
    isSaid = true;
    // biome-ignore lint/suspicious/noConsole: for whoever builds the app; a text without personalisation looks like any other
    console.warn(
      'e2p-web: a session was made without personalisation: no user is set, or consent is not given. personalise: false says that it is meant; session.personalised tells.',
    );
  };
}
