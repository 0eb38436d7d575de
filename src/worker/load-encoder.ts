/** The page's side of `user.describe`: the sentence encoder's files, loaded when somebody is first described. */
import type { UserHandle as UserHandleInterface } from '../generate/personalizer.ts';
import { type HubOptions, hubUrl, isHubId } from '../model/hub.ts';
import type { EncoderFiles } from './load-files.ts';
import type { LoadParams, LoadProgress } from './protocol.ts';
import type { WorkerLink } from './worker-link.ts';

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

/** @param id Hub id of the encoder that the projector's contract names */
export type LoadEncoder = (id: string, options: DescribeOptions) => Promise<EncoderFiles>;

export interface EncoderLoaderOptions extends Pick<LoadParams, 'evict'> {
  /** In place of the one that the contract names: a Hub id, or the URL of a folder. */
  readonly encoder: string | undefined;
  /** Its revision is the model's. */
  readonly hub: HubOptions | undefined;
  /** Told before whoever asked. */
  readonly onProgress: (progress: LoadProgress) => void;
}

export function createEncoderLoader(
  loader: WorkerLink,
  { encoder, hub, evict, onProgress: told }: EncoderLoaderOptions,
): LoadEncoder {
  let loaded: EncoderFiles | undefined;
  return async (named, { signal, onProgress }) => {
    const id = encoder ?? named;
    const { revision: _, ...server } = hub ?? {};
    const url = new URL(isHubId(id) ? hubUrl(id, server) : id, globalThis.location.href).href;
    loaded ??= await loader.call(
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
    return loaded;
  };
}
