/** `personalizer.user`, seen from the page: of several changes that were asked for the last one counts. */
import { droppedError, type EndReason } from '../generate/ending.ts';
import { readDescribeOptions } from '../user/sentence-encoder.ts';
import type { PrepareDescription, UserHandle } from './load-encoder.ts';
import type { Description } from './protocol.ts';

/** Where what is set goes: into the engine, or through the vault. */
export interface UserSink extends Pick<UserHandle, 'set' | 'update' | 'clear'> {
  currentFit(): UserHandle['fit'];
  /**
   * @param words asked for once; throws where something later has overtaken the description
   * @param checkLatest throws likewise
   */
  describe(
    words: () => Promise<Description>,
    signal: AbortSignal | undefined,
    checkLatest: () => void,
  ): Promise<void>;
}

export function createUserHandle(
  prepare: PrepareDescription,
  { currentFit, set, update, clear, describe }: UserSink,
): UserHandle {
  let asked = 0;
  let why: EndReason = 'replaced';
  const note = (reason: EndReason) => {
    const own = ++asked;
    why = reason;
    return () => {
      if (own !== asked) throw droppedError(why);
    };
  };
  return {
    get fit() {
      return currentFit();
    },
    set: (embedding) => {
      note('replaced');
      return set(embedding);
    },
    update: (embedding) => {
      note('replaced');
      return update(embedding);
    },
    clear: () => {
      note('cleared');
      return clear();
    },
    describe: async (text, given) => {
      const options = readDescribeOptions(given);
      const checkLatest = note('replaced');
      const words = async () => {
        const description = await prepare(text, options);
        checkLatest();
        return description;
      };
      await describe(words, options.signal, checkLatest);
    },
  };
}
