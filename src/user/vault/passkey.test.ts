import { expect, it } from 'vitest';
import { webAuthnPasskey } from './passkey.ts';

/** Authenticators answer with 32 bytes; some password managers with a view of a larger buffer. */
it('takes the PRF result as a buffer and as a view of one, and the caller may overwrite it', async () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
  const large = new Uint8Array(48);
  large.set(secret, 8);
  for (const first of [secret.buffer, large.subarray(8, 40)]) {
    const get = async () => ({ getClientExtensionResults: () => ({ prf: { results: { first } } }) });
    const passkey = webAuthnPasskey({
      appName: 'app',
      credentials: { get } as unknown as CredentialsContainer,
    });
    const bytes = await passkey.evaluate(new Uint8Array(1), new Uint8Array(1));
    expect(bytes).toEqual(secret);
  }
});
