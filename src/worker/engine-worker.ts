/**
 * The worker that knows the person: one model, and a personalizer for each projector, asked through the port to its page. `birth.ts` is imported before any code of others
 * (`gate.test.ts` sees to it).
 */

import { E2PError, throwIfAborted } from '../error.ts';
import type { LocalPersonalizer } from '../generate/personalizer.ts';
import { isHelperThread, runHelperThread } from '../runtime/helper-thread.ts';
import { type Answering, answerRequests, Handed } from './answer.ts';
import { connected, lookAround } from './birth.ts';
import { bringUp, type Described } from './load.ts';
import { describePrivacy } from './privacy.ts';
import type { CreateResult, Description, Of, OpenedPersonalizer, Request } from './protocol.ts';

let broughtUp: Awaited<ReturnType<typeof bringUp>> | undefined;
/** All on one model, by number. */
const personalizers = new Map<number, Described>();
let next = 1;

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
  { signal, onProgress, onFound, onText, onReasoning, onOverflow }: Answering,
): Promise<unknown> {
  if (request.op === 'create') {
    const privacy = describePrivacy(await lookAround());
    broughtUp = await bringUp(request.params, { signal, onProgress, onFound });
    const { device, model } = broughtUp.first.personalizer;
    return { device, model, privacy, ...keep(broughtUp.first) } satisfies CreateResult;
  }
  if (broughtUp === undefined) throw new E2PError('destroyed', 'no personalizer was created in this worker');
  const { sessions } = broughtUp.first.personalizer;
  switch (request.op) {
    case 'addProjector': {
      const added = await broughtUp.add(find(request.params).personalizer, request.params.projector);
      if (signal.aborted) await added.personalizer.destroy();
      throwIfAborted(signal);
      return keep(added);
    }
    case 'setUser': {
      const { embedding, isUpdate, drift, earlier } = request.params;
      const { personalizer } = find(request.params);
      return personalizer
        .setUser(embedding, { isUpdate, drift, earlier })
        .finally(() => earlier?.values.fill(0));
    }
    case 'describeUser': {
      const { text, drift } = request.params;
      return describing(request.params).describeUser(text, { signal, drift });
    }
    case 'encode': {
      const vectors = await describing(request.params).encode(request.params.text, signal);
      return new Handed(vectors, [vectors.buffer]);
    }
    case 'endUser':
      return find(request.params).personalizer.endUser(request.params.reason);
    case 'createSession': {
      const { options, encoder } = request.params;
      const found = find(request.params);
      found.encoder = encoder ?? found.encoder;
      return found.personalizer.openSession(options);
    }
    case 'cloneSession':
      return sessions.clone(request.params);
    case 'destroySession':
      return sessions.destroy(request.params);
    case 'generate': {
      const { session, said, options } = request.params;
      const callbacks = { signal, onText, onReasoning, onOverflow };
      const answered = await sessions.generate(session, said, { ...options, ...callbacks });
      return { ...answered, device: broughtUp.first.personalizer.device };
    }
    case 'rank': {
      const { session, said, candidates } = request.params;
      const ranked = await sessions.rank(session, said, candidates, { signal });
      return { ranked, device: broughtUp.first.personalizer.device };
    }
    case 'append': {
      const { session, said } = request.params;
      return sessions.append(session, said, { signal, onOverflow });
    }
    case 'measure':
      return sessions.measure(request.params.session, request.params.said);
    case 'destroy': {
      const { personalizer } = find(request.params);
      personalizers.delete(request.params.of);
      return personalizer.destroy();
    }
  }
  throw new E2PError('invalid-argument', 'the engine worker loads nothing');
}

function keep(described: Described): OpenedPersonalizer {
  const of = next++;
  personalizers.set(of, described);
  return { of, space: described.personalizer.space };
}

function find(params: unknown): Described {
  const found = personalizers.get((params as Of | undefined)?.of ?? 0);
  if (found === undefined) throw new E2PError('destroyed', 'the personalizer was destroyed');
  return found;
}

/** Whose encoder has the files from now on. */
function describing(description: Of & Description): LocalPersonalizer {
  const found = find(description);
  found.encoder = description.encoder;
  return found.personalizer;
}
