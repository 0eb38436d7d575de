/** Why what was made for a user ends, and the error that tells it. */
import { E2PError, type E2PErrorCode } from '../error.ts';

/** Why a user's sessions end. */
export type EndReason = 'cleared' | 'replaced' | 'withdrawn' | 'locked' | 'forgotten' | 'destroyed';

const ENDINGS: Readonly<Record<EndReason, readonly [E2PErrorCode, string]>> = {
  cleared: ['no-user', 'its user was cleared'],
  replaced: ['user-replaced', 'another user was set'],
  withdrawn: ['consent-required', 'consent to personalise was withdrawn'],
  locked: ['vault-locked', 'the vault was locked'],
  forgotten: ['forgotten', 'its user was forgotten'],
  destroyed: ['destroyed', 'the personalizer was destroyed'],
};

/** What calls of an ended session get, or whatever else was made for its user. */
export function endingError(reason: EndReason, what = 'the session has ended'): E2PError {
  const [code, why] = ENDINGS[reason];
  return new E2PError(code, `${what}: ${why}`);
}

/** What a description gets that something later has overtaken. */
export const droppedError = (reason: EndReason): E2PError =>
  endingError(reason, 'the description was dropped');
