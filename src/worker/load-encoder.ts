/** The page's side of `user.describe`: the sentence encoder's files, loaded when somebody is first described. */

import { E2PError } from '../error.ts';
import type { UserHandle as UserHandleInterface } from '../generate/user-handles.ts';
import { type HubOptions, hubUrl, isHubId } from '../model/hub.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import { recheckLater } from '../storage/weights.ts';
import { checkReadsWords, splitDescription } from '../user/sentence-encoder.ts';
import type { EmbeddingSpace } from '../user/user-embedding.ts';
import type { EncoderFiles } from './load-files.ts';
import type { Description, LoadParams } from './protocol.ts';
import type { WorkerLink } from './worker-link.ts';

/** Of `user.describe`. */
export interface DescribeOptions {
  /** Of the encoder's files, where they are loaded first. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface UserHandle extends UserHandleInterface {
  /**
   * Sets the user from what a person says about themselves: lines, or a text of several sentences, each of which becomes a vector in
   * the sealed engine. The text itself is dropped there: it enters no prompt and is kept nowhere. With a vault the vectors are kept in
   * it, as `user.embedding.set` keeps them.
   * @throws E2PError `invalid-argument` for no words or more lines than the projector reads; `contract-mismatch` where the encoder is not
   *   the projector's; `consent-required`; those of loading files; what revokes the user meanwhile; the signal's reason on an abort
   */
  describe(text: string | readonly string[], options?: DescribeOptions): Promise<void>;
}

/** What the engine is told of what a person says: their lines, and the encoder that reads them. */
export type PrepareDescription = (
  text: string | readonly string[],
  options: DescribeOptions,
) => Promise<Description>;

export interface EncoderLoaderOptions extends Pick<LoadParams, 'evict'> {
  /** Absolute URL of its folder; default: of the Hub id that the contract names. */
  readonly encoder: string | undefined;
  /** Its revision is the model's. */
  readonly hub: HubOptions | undefined;
  /** As the model's: what is stored is compared with its digests afterwards. */
  readonly recheck: boolean;
  /** Told before whoever asked. */
  readonly onProgress: (progress: LoadProgress) => void;
}

/** @param space that the projector reads */
export function createDescriber(
  loader: WorkerLink,
  space: EmbeddingSpace | undefined,
  { encoder, hub, evict, recheck, onProgress: told }: EncoderLoaderOptions,
): PrepareDescription {
  let loaded: EncoderFiles | undefined;
  const load = async (named: string, { signal, onProgress }: DescribeOptions): Promise<EncoderFiles> => {
    if (loaded !== undefined) return loaded;
    const url = encoder ?? namedUrl(named, hub);
    loaded = await loader.call(
      'loadEncoder',
      { encoder: url, evict },
      {
        signal,
        onMessage: (message) => {
          if (message.type !== 'progress') return;
          told(message.progress);
          onProgress?.(message.progress);
        },
      },
    );
    if (recheck) recheckLater(url);
    return loaded;
  };
  return async (text, options) => {
    if (space === undefined) {
      throw new E2PError('invalid-argument', 'the personalizer was created without a projector');
    }
    const id = checkReadsWords(space);
    const lines = splitDescription(text, space.vectors);
    return { text: lines, encoder: await load(id, options) };
  };
}

/** A projector is a file of anybody's: it names an encoder of the Hub, not an address. */
function namedUrl(id: string, hub: HubOptions | undefined): string {
  if (isHubId(id)) return hubUrl(id, anyRevision(hub));
  throw new E2PError(
    'contract-mismatch',
    `the projector was trained with the sentence encoder ${JSON.stringify(id)}, which is no Hub id; say where it lies with the option 'encoder'`,
  );
}

/** A revision is of one repository. */
export function anyRevision(hub: HubOptions | undefined): HubOptions | undefined {
  const { revision: _, ...server } = hub ?? {};
  return server;
}
