/** From a page that has nothing in memory to the first token, with what earlier visits have left on the device. */
import { Personalizer } from '../../src/index.ts';
import { GREEDY, MAX_TOKENS } from '../generate-plan.ts';
import type { Who } from '../generate-results.ts';
import { ourSide, peerSide } from '../generate-sides.ts';
import { importPeer } from './transformers-peer.ts';

/** Ends now, or when it is said to have ended. */
type Phase = (name: string, at?: number) => void;
type Answer = (content: string, maxTokens: number) => Promise<{ readonly first: number }>;
const now = () => performance.now();

const WAYS: Readonly<Record<Who, () => Promise<(name: string, phase: Phase) => Promise<Answer>>>> = {
  ours: async () => async (name, phase) => {
    let [files, binaries] = [0, 0];
    const personalizer = await Personalizer.create({
      model: new URL(`/${name}/`, location.href).href,
      ...{ dtype: 'q4', device: 'wasm', persist: false, recheck: false },
      onProgress: ({ stage }) => {
        if (stage === 'file' || stage === 'convert') files = now();
        if (stage === 'runtime') binaries = now();
        if (stage === 'device') {
          phase('loader: files at hand', files);
          phase('loader: WebAssembly at hand', Math.max(files, binaries));
          phase('engine: started, files read');
        }
        if (stage === 'graph') phase('engine: device');
      },
    });
    phase('engine: session');
    return (content, maxTokens) => ourSide(personalizer, now).run(content, { ...GREEDY, maxTokens });
  },
  theirs: async () => {
    const open = await importPeer('wasm');
    return async (name, phase) => {
      const side = peerSide(await open(name), now);
      phase('files and session');
      return side;
    };
  },
};

let open: ((name: string, phase: Phase) => Promise<Answer>) | undefined;

/** Imports the modules. */
export async function prepareStart(who: Who): Promise<void> {
  open = await WAYS[who]();
}

/** Milliseconds of each phase. The answer is written to its end, for what memory it takes. */
export async function start(name: string, content: string): Promise<Record<string, number>> {
  const phases: Record<string, number> = {};
  let last = now();
  const answer = await open!(name, (phase, at = now()) => {
    phases[phase] = at - last;
    last = at;
  });
  const { first } = await answer(content, MAX_TOKENS);
  return { ...phases, 'first token': first };
}
