/**
 * The visitor of the page with the real LLM. Before it is allowed, lines are text in a box, and nothing is made of them. Then Ask has the sealed engine
 * make vectors of them, which go into the vault, and from there into a personalizer of its own on the page's model (`withProjector`). The
 * lines are kept nowhere; to take the consent back, or to forget, deletes the vectors and ends what is written with them.
 */
import type { LoadProgress, Personalizer } from '../../../src/index.ts';
import { byId } from '../dom.ts';
import { isStopped } from '../explain-error.ts';
import type { LlmOptions } from '../page-options.ts';
import { showError } from '../page-status.ts';
import type { Writer } from '../writing-form.ts';
import { createAllowSwitches } from './allow-switches.ts';
import { createKeptPanel } from './kept-panel.ts';
import { createPageVault, USE } from './page-vault.ts';
import './own-lines.css';

export interface OwnLinesOptions {
  readonly options: LlmOptions;
  /** The embedding space of the lines' vectors. */
  readonly space: string;
  /** The page's, as long as it is there. */
  readonly base: () => Personalizer | undefined;
  /** Who writes may have become another one. */
  readonly onChange: () => void;
  /** Of the sentence encoder, which is loaded when lines are first read; undefined: there is nothing more to tell. */
  readonly onProgress: (progress: LoadProgress | undefined) => void;
}

export interface OwnLines {
  /** Undefined as long as it is not allowed, or nothing is known of the visitor. */
  readonly writer: () => Writer | undefined;
  /** The page's personalizer has come. */
  readonly follow: () => void;
  /** Before the page's personalizer goes. */
  readonly endEngine: () => Promise<void>;
}

export async function createOwnLines(given: OwnLinesOptions): Promise<OwnLines> {
  const { options, space, base, onChange, onProgress } = given;
  const box = byId<HTMLTextAreaElement>('own-lines');
  let engine: Personalizer | undefined;
  /** What the vault's embedding was made of, and which of its versions that is. */
  let described: { readonly text: string; readonly version: number } | undefined;
  let asked = 0;

  const vault = await createPageVault<'personalise'>({
    name: 'real-llm',
    createEngine: (user) => {
      const { projector, encoder } = options;
      return base()!.withProjector(projector, { encoder, user });
    },
    drop: (user) => user.embedding.delete(space, USE),
  });
  const showKept = createKeptPanel(vault, { embedding: 'Vectors of your lines' });
  const hasVectors = () => engine?.user.fit !== undefined;
  const show = (): void => {
    showSwitches();
    byId('own-note').textContent = !vault.allows('personalise')
      ? 'Nothing is made of your lines before you switch on “Write for me”.'
      : box.value.trim() === '' && hasVectors()
        ? 'The vectors of what you wrote before are kept. Ask answers for them; new lines replace them.'
        : 'Up to 16 lines. Ask makes a vector of each; the LLM gets the vectors only.';
    onChange();
  };
  const showSwitches = createAllowSwitches(vault, ['personalise'], show);
  /** Whoever the vault allows to be written for has an engine. */
  const follow = async (): Promise<void> => {
    const number = ++asked;
    const isReady = base() !== undefined && vault.allows('personalise');
    if (!isReady) engine = undefined;
    show();
    await showKept();
    if (!isReady) return;
    const made = await vault.engine();
    if (number !== asked) return;
    engine = made;
    show();
  };
  const followNow = (): void => {
    follow().catch((error) => {
      if (!isStopped(error)) showError(error);
    });
  };
  const describe = async (text: string, to: Personalizer, signal: AbortSignal): Promise<void> => {
    try {
      await to.user.describe(text, { onProgress, signal });
      described = { text, version: vault.changes };
    } finally {
      onProgress(undefined);
    }
  };

  vault.listen({
    onChange: followNow,
    onForgotten: () => {
      box.value = '';
      described = undefined;
    },
  });
  box.addEventListener('input', show);
  followNow();
  return {
    writer: () => {
      const text = box.value.trim();
      if (engine === undefined || (text === '' && !hasVectors())) return undefined;
      const isKept = described?.text === text && described.version === vault.changes;
      return {
        personalizer: engine,
        setUser: text === '' || isKept ? undefined : (to, signal) => describe(text, to, signal),
        hasVault: true,
      };
    },
    follow: followNow,
    endEngine: async () => {
      asked++;
      engine = undefined;
      await vault.endEngine();
    },
  };
}
