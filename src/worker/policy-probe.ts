/**
 * Under which Content-Security-Policies does this worker run? Script can't read them, but it can import a module that is in the address
 * itself, which needs no network: each policy that minds tells its own text in an event of its own.
 */

export interface FoundPolicies {
  /** Those that refused the import. */
  readonly enforced: readonly string[];
  /** Those that would have, but only report (`Content-Security-Policy-Report-Only`). */
  readonly reporting: readonly string[];
  /** Whether the import was refused. Where it was and no policy is known, the browser told nobody. */
  readonly isRefused: boolean;
}

const EMPTY_MODULE = 'data:text/javascript,';
/** The events are tasks of their own, and come after the refusal. */
const PATIENCE = { turns: 20, turnMs: 5, moreMs: 20 } as const;

export async function probePolicy(
  scope: EventTarget = globalThis,
  importModule: (address: string) => Promise<unknown> = (address) =>
    import(/* @vite-ignore */ /* webpackIgnore: true */ address),
): Promise<FoundPolicies> {
  const enforced: string[] = [];
  const reporting: string[] = [];
  const onViolation = (event: Event) => {
    const { disposition, originalPolicy } = event as SecurityPolicyViolationEvent;
    (disposition === 'report' ? reporting : enforced).push(originalPolicy);
  };
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  scope.addEventListener('securitypolicyviolation', onViolation);
  try {
    const isRefused = await importModule(EMPTY_MODULE).then(
      () => false,
      () => true,
    );
    for (let turn = 0; isRefused && turn < PATIENCE.turns && enforced.length === 0; turn++) {
      await wait(PATIENCE.turnMs);
    }
    // There may be several.
    await wait(PATIENCE.moreMs);
    return { enforced, reporting, isRefused };
  } finally {
    scope.removeEventListener('securitypolicyviolation', onViolation);
  }
}
