/**
 * The worker that knows the person: one personalizer, asked through the port to its page. `birth.ts` is imported before any code of others
 * (`gate.test.ts` sees to it).
 */

import { E2PError } from '../error.ts';
import type { LocalPersonalizer } from '../generate/personalizer.ts';
import { isHelperThread, runHelperThread } from '../runtime/helper-thread.ts';
import { type Answering, answerRequests, Handed } from './answer.ts';
import { connected, lookAround } from './birth.ts';
import { bringUp } from './load.ts';
import type { EncoderFiles } from './load-files.ts';
import { describePrivacy } from './privacy.ts';
import type { CreateResult, Request } from './protocol.ts';

let personalizer: LocalPersonalizer | undefined;
/** Those of the last description. */
let encoder: EncoderFiles | undefined;

if (isHelperThread((globalThis as unknown as DedicatedWorkerGlobalScope).name)) {
  void runHelperThread(globalThis.location.hash);
} else {
  void connected.then((port) => {
    answerRequests(port, perform);
    port.start();
  });
}

async function perform(
  request: Request,
  { signal, onProgress, onText, onReasoning, onOverflow }: Answering,
): Promise<unknown> {
  if (request.op === 'create') {
    const privacy = describePrivacy(await lookAround());
    personalizer = await bringUp(request.params, { signal, onProgress, encoder: () => encoder });
    const { device, model, space } = personalizer;
    return { device, model, space, privacy } satisfies CreateResult;
  }
  const current = personalizer;
  if (current === undefined) throw new E2PError('destroyed', 'no personalizer was created in this worker');
  switch (request.op) {
    case 'setUser':
      return current.user.set(request.params);
    case 'describeUser':
      encoder = request.params.encoder;
      return current.user.describe(request.params.text, { signal });
    case 'encode': {
      encoder = request.params.encoder;
      const vectors = await current.encode(request.params.text, signal);
      return new Handed(vectors, [vectors.buffer]);
    }
    case 'endUser':
      return current.endUser(request.params);
    case 'createSession':
      return current.openSession(request.params);
    case 'cloneSession':
      return current.sessions.clone(request.params);
    case 'destroySession':
      return current.sessions.destroy(request.params);
    case 'generate': {
      const { session, said, options } = request.params;
      const callbacks = { signal, onText, onReasoning, onOverflow };
      const answered = await current.sessions.generate(session, said, { ...options, ...callbacks });
      return { ...answered, device: current.device };
    }
    case 'rank': {
      const { session, said, candidates } = request.params;
      const ranked = await current.sessions.rank(session, said, candidates, { signal });
      return { ranked, device: current.device };
    }
    case 'append': {
      const { session, said } = request.params;
      return current.sessions.append(session, said, { signal, onOverflow });
    }
    case 'measure':
      return current.sessions.measure(request.params.session, request.params.said);
    case 'destroy':
      return current.destroy();
  }
  throw new E2PError('invalid-argument', 'the engine worker loads nothing');
}
