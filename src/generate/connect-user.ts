/**
 * Between the person's vault and an engine: what the vault allows is what the engine has. A withdrawal, a lock or a forgetting
 * resolves only when the engine has let go; sessions that carried the person's soft token have ended by then, running ones too.
 */
import { E2PError } from '../error.ts';
import type { ForgottenItem, UserChange } from '../user/attachment.ts';
import { type EarlierVersion, earlierOf } from '../user/embedding-change.ts';
import type { User } from '../user/user.ts';
import type { UserEmbedding } from '../user/user-embedding.ts';
import type { EndReason } from './ending.ts';

/** The engine as seen from here. A vault is one person's: another embedding is a newer version of theirs, and sessions go on with it. */
export interface EngineUser {
  set(embedding: UserEmbedding, earlier: EarlierVersion | undefined): Promise<unknown>;
  /** Drops the user, ends the sessions, and says what that was. */
  end(reason: UserEndReason): Promise<readonly ForgottenItem[]>;
}

export type UserEndReason = Exclude<EndReason, 'destroyed'>;

export interface ConnectUserOptions {
  readonly user: User;
  /** The embedding space that the projector reads. */
  readonly space: string;
  readonly engine: EngineUser;
  /** Names for the audit log. */
  readonly use: { readonly projector: string; readonly model: string };
  /** What a session without the grant for `personalise` does. Default `fail`. */
  readonly withoutConsent?: 'fail' | 'unpersonalised' | undefined;
}

export interface UserConnection {
  /**
   * Asked before each session that would be personalised, and noted in the audit log.
   * @returns false where it is to run unpersonalised
   * @throws E2PError `consent-required`, `vault-locked`
   */
  admit(): Promise<boolean>;
  disconnect(): void;
}

const ACTOR = 'e2p-web';
/** What a vault may say instead of giving the embedding; anything else is a failure. */
const REFUSALS: Readonly<Record<string, UserEndReason>> = {
  'consent-required': 'withdrawn',
  'vault-locked': 'locked',
  destroyed: 'cleared',
};

export async function connectUser(options: ConnectUserOptions): Promise<UserConnection> {
  const { user, space, engine, withoutConsent = 'fail' } = options;
  const use = { actor: ACTOR, purpose: 'personalise', ...shorten(options.use) } as const;
  let refusal: E2PError | undefined;
  let hasEmbedding = false;
  let isForgotten = false;
  let tail: Promise<void> = Promise.resolve();

  const refresh = async (change: UserChange | undefined): Promise<void> => {
    // What the person did makes no difference here before it has become an embedding.
    if (isForgotten || change === 'events') return;
    try {
      // A decision on another purpose must not end sessions that this one allows.
      if (change === 'consent') await user.consent.require('personalise', use);
      if (change === 'consent' && hasEmbedding) return;
      const versions = await user.embedding.history(space, use);
      const [current] = versions;
      refusal = undefined;
      hasEmbedding = current !== undefined;
      if (current === undefined) return void (await engine.end('cleared'));
      try {
        await engine.set({ space, values: current.values }, earlierOf(versions));
      } finally {
        for (const { values } of versions) values.fill(0);
      }
    } catch (error) {
      hasEmbedding = false;
      const reason = error instanceof E2PError ? REFUSALS[error.code] : undefined;
      await engine.end(reason ?? 'cleared');
      // What was stored is stored; that the engine is gone is said where somebody wants to use it.
      const isEngineGone = error instanceof E2PError && error.code === 'runtime-failed';
      if (reason === undefined && !(isEngineGone && change !== undefined)) throw error;
      refusal = error as E2PError;
    }
  };
  /** One at a time, in the order of the changes. */
  const inTurn = (change?: UserChange): Promise<void> => {
    tail = tail.catch(() => undefined).then(() => refresh(change));
    return tail;
  };

  const detach = user.attach({
    onChange: inTurn,
    forget: async () => {
      hasEmbedding = false;
      isForgotten = true;
      refusal = new E2PError('forgotten', 'the user was forgotten');
      return engine.end('forgotten');
    },
  });
  try {
    await inTurn();
  } catch (error) {
    detach();
    throw error;
  }
  return {
    admit: async () => {
      await tail;
      let refused = refusal;
      if (refused === undefined && hasEmbedding) {
        // A withdrawal may have been written a moment ago, and not be heard of here.
        await user.consent.use('personalise', use).catch((error: E2PError) => {
          refused = error;
        });
      }
      if (refused === undefined) return true;
      if (refused.code === 'consent-required' && withoutConsent === 'unpersonalised') return false;
      throw refused;
    },
    disconnect: detach,
  };
}

/** The log takes names of at most 200 characters; of a long address the end says more. */
const shorten = ({ projector, model }: ConnectUserOptions['use']) => ({
  projector: projector.slice(-200),
  model: model.slice(-200),
});
