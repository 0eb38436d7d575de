/** From nothing to an answer, in a process of its own: milliseconds of each phase until the first token, and what the process held at the most. */
import { MAX_TOKENS } from './generate-plan.ts';
import { ourSide, peerSide } from './generate-sides.ts';
import { resident } from './process-memory.ts';

const [who = '', folder = '', content = '', weights = ''] = process.argv.slice(2);

const phases: Record<string, number> = {};
let last = 0;
const phase = (name: string) => {
  const now = performance.now();
  phases[name] = now - last;
  last = now;
};
let held = 0;
/** Modules are there: ours are sources here, so that the time for them says nothing. */
const begin = () => {
  held = process.memoryUsage.rss();
  last = performance.now();
};

const ANSWERS: Readonly<Record<string, () => Promise<{ readonly first: number }>>> = {
  ours: async () => {
    const { createRuntime, Personalizer } = await import('../src/node.ts');
    // Loads onnxruntime, which Transformers.js' module does by itself.
    createRuntime();
    begin();
    const personalizer = await Personalizer.create({
      model: folder,
      dtype: 'q4',
      cpuWeights: weights as 'as-stored' | 'int8',
      onProgress: ({ stage }) => stage === 'graph' && phase('files'),
    });
    phase('session');
    return ourSide(personalizer, () => performance.now()).run(content, {
      ...{ temperature: 0, promptLookup: false, maxTokens: MAX_TOKENS },
    });
  },
  theirs: async () => {
    const { openPeer } = await import('./transformers-peer.ts');
    begin();
    const peer = await openPeer(folder);
    phase('files and session');
    return peerSide(peer, () => performance.now())(content);
  },
};

const { first } = await ANSWERS[who]!();
phases['first token'] = first;
// `maxRSS` would begin with what the process held that this one was started from.
const peak = resident(process.pid, 'VmHWM') - held;
console.log(JSON.stringify({ phases, peak }));
process.exit(0);
