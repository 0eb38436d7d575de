import { describe, expect, it } from 'vitest';
import { probePolicy } from './policy-probe.ts';
import { describePrivacy } from './privacy.ts';

/** A worker under these policies: each that minds an import tells so, some time after the refusal. */
async function under(policies: readonly { readonly disposition: string; readonly originalPolicy: string }[]) {
  const scope = new EventTarget();
  const found = await probePolicy(scope, async () => {
    setTimeout(() => {
      for (const policy of policies) {
        scope.dispatchEvent(Object.assign(new Event('securitypolicyviolation'), policy));
      }
    }, 3);
    if (policies.some(({ disposition }) => disposition === 'enforce')) throw new TypeError('refused');
  });
  const { exits, policy, notSealed } = describePrivacy([], found, 0);
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  return { open, policy, why: notSealed.join('\n') };
}

const strict = "default-src 'none'; script-src 'wasm-unsafe-eval'";
const loose = "script-src 'self'";
const enforce = (originalPolicy: string) => ({ disposition: 'enforce', originalPolicy });
const report = (originalPolicy: string) => ({ disposition: 'report', originalPolicy });

describe('the policy of the engine worker', () => {
  it('that forbids every script shuts import()', async () => {
    expect(await under([enforce(strict)])).toMatchObject({ open: [], policy: strict });
  });

  it('that allows scripts of a host does not, and one strict policy beside it does', async () => {
    expect(await under([enforce(loose)])).toMatchObject({ open: ['import()'], policy: loose });
    expect(await under([enforce(loose), enforce(strict)])).toMatchObject({ open: [] });
  });

  it('that only reports shuts nothing', async () => {
    expect(await under([report(strict)])).toMatchObject({ open: ['import()'], policy: undefined });
    expect(await under([report(strict), enforce(loose)])).toMatchObject({
      open: ['import()'],
      policy: loose,
    });
  });

  it('that has reports sent is a way out itself', async () => {
    for (const to of ['report-uri https://a.example/r', 'report-to group']) {
      expect(await under([enforce(`${strict}; ${to}`)])).toMatchObject({ open: ['reports of the policy'] });
    }
    const { open, why } = await under([enforce(strict), report(`${strict}; report-uri /r`)]);
    expect(open).toEqual(['reports of the policy']);
    expect(why).toContain('every address');
  });

  it('that is absent leaves import() open', async () => {
    expect((await under([])).why).toContain('served without a Content-Security-Policy');
  });

  it('that the browser tells nobody is not trusted', async () => {
    const found = await probePolicy(new EventTarget(), () => Promise.reject(new TypeError()));
    const { exits, notSealed } = describePrivacy([], found, 2);
    expect(exits[0]).toMatchObject({ name: 'import()', state: 'open' });
    expect(notSealed[0]).toContain('does not tell');
    expect(notSealed[1]).toContain('2 helper threads');
  });
});
