/**
 * Under which Content-Security-Policy does this worker run? Script can't read it, but it can import a module that is in the address
 * itself, which needs no network: a policy refuses that, and tells its own text in the event.
 */

/** @returns the policy's text, or undefined where nothing was refused */
export async function probePolicy(scope: EventTarget = globalThis): Promise<string | undefined> {
  let policy: string | undefined;
  const onViolation = (event: Event) => {
    const { disposition, originalPolicy } = event as SecurityPolicyViolationEvent;
    // A policy that only reports stops nothing.
    if (disposition === 'enforce') policy ??= originalPolicy;
  };
  scope.addEventListener('securitypolicyviolation', onViolation);
  try {
    const address = 'data:text/javascript,';
    await import(/* @vite-ignore */ address);
    return undefined;
  } catch {
    // The event is a task of its own.
    for (let turn = 0; turn < 20 && policy === undefined; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return policy;
  } finally {
    scope.removeEventListener('securitypolicyviolation', onViolation);
  }
}
