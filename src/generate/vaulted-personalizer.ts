/** A personalizer of this thread, connected to a person's vault: what is set goes through the vault, and sessions ask for consent first. */
import { E2PError, readArgument } from '../error.ts';
import { readDescribeOptions } from '../user/sentence-encoder.ts';
import type { User } from '../user/user.ts';
import type { EmbeddingInput } from '../user/user-embedding.ts';
import { connectUser } from './connect-user.ts';
import { droppedError, type EndReason } from './ending.ts';
import type { LocalPersonalizer, Personalizer, SessionOptions } from './personalizer.ts';
import type { DescribableUserHandle } from './user-handles.ts';

export interface VaultOptions {
  readonly user: User;
  readonly withoutConsent?: 'fail' | 'unpersonalised' | undefined;
  /** Name of the projector, for the audit log. */
  readonly projector: string;
}

export interface VaultedPersonalizer extends Personalizer {
  readonly user: DescribableUserHandle;
}

/** @throws E2PError `invalid-argument` without a projector; what the vault says */
export async function connectVault(
  local: LocalPersonalizer,
  { user, withoutConsent, projector }: VaultOptions,
): Promise<VaultedPersonalizer> {
  const { space } = local;
  if (space === undefined) {
    throw new E2PError('invalid-argument', 'a user was given, but no projector that reads an embedding');
  }
  const connection = await connectUser({
    user,
    space: space.id,
    engine: {
      set: (embedding, earlier) => local.setUser(embedding, { isUpdate: true, earlier }),
      end: (reason) => local.endUser(reason),
    },
    use: { projector, model: local.model.name },
    withoutConsent,
  });
  const destroy = async () => {
    await local.destroy();
    // Until here whatever revokes reaches the engine.
    connection.disconnect();
  };
  return {
    get device() {
      return local.device;
    },
    model: local.model,
    space,
    user: vaultHandle(local, user, space.id),
    createSession: async (given) => {
      const options: SessionOptions = readArgument('the options of a session', () => ({ ...given }));
      const admitted = options.personalise === false || (await connection.admit());
      return local.createSession(admitted ? options : { ...options, personalise: false });
    },
    destroy,
    [Symbol.asyncDispose]: destroy,
  };
}

/** Of several changes that were asked for the last one counts. */
function vaultHandle(local: LocalPersonalizer, user: User, space: string): DescribableUserHandle {
  let asked = 0;
  let why: EndReason = 'replaced';
  const note = (reason: EndReason) => {
    why = reason;
    return ++asked;
  };
  const set = (embedding: EmbeddingInput) => {
    note('replaced');
    return user.embedding.set(embedding);
  };
  return {
    set,
    // One vault, one person.
    update: set,
    get fit() {
      return local.user.fit;
    },
    clear: async () => {
      note('cleared');
      await user.embedding.delete(space);
    },
    describe: async (text, given) => {
      const { signal } = readDescribeOptions(given);
      const own = note('replaced');
      await user.embedding.setMade(space, async () => {
        const vectors = await local.encode(text, signal);
        if (own === asked && !signal?.aborted) return vectors;
        vectors.fill(0);
        signal?.throwIfAborted();
        throw droppedError(why);
      });
    },
  };
}
