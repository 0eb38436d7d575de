/**
 * A passkey as a second lock: its PRF extension (WebAuthn Level 3, 10.1.4) turns a salt into 32 secret bytes that only
 * this authenticator can compute, after it has seen the person.
 */
import { E2PError } from '../../error.ts';

const CHALLENGE_BYTES = 32;
const SECRET_BYTES = 32;

/** Whatever can give the same secret for a salt again, after the person showed up. */
export interface Passkey {
  /** Makes a new credential. @returns its id. */
  create(): Promise<Uint8Array>;
  /** The 32 secret bytes for a salt; the same ones each time. */
  evaluate(credential: Uint8Array, salt: Uint8Array): Promise<Uint8Array>;
}

/** Of `webAuthnPasskey`. */
export interface WebAuthnPasskeyOptions {
  /** The app, as the browser shows it in its list of passkeys. */
  readonly appName: string;
  readonly credentials?: CredentialsContainer;
  readonly signal?: AbortSignal;
}

/**
 * A passkey of this origin. The browser needs a click of the person before each of its two calls. What the authenticator
 * stores is a random user id and the app's name. The challenge is random and nobody checks the answer: it is the PRF's secret
 * that opens the vault, not the signature.
 */
export function webAuthnPasskey(options: WebAuthnPasskeyOptions): Passkey {
  const { appName, credentials = navigator.credentials, signal } = options;
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  return {
    create: async () => {
      const credential = await ask(() =>
        credentials.create({
          publicKey: {
            rp: { name: appName },
            user: { id: random(16), name: appName, displayName: appName },
            challenge: random(CHALLENGE_BYTES),
            // Ed25519, ES256, RS256: what authenticators have.
            pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
            authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
            extensions: { prf: {} },
          },
          ...(signal !== undefined && { signal }),
        }),
      );
      if (credential.getClientExtensionResults().prf?.enabled !== true) {
        throw new E2PError(
          'unsupported-device',
          'this authenticator or browser has no PRF extension; use a passphrase',
        );
      }
      return new Uint8Array(credential.rawId);
    },
    evaluate: async (id, salt) => {
      const credential = await ask(() =>
        credentials.get({
          publicKey: {
            challenge: random(CHALLENGE_BYTES),
            allowCredentials: [{ type: 'public-key', id: id as BufferSource }],
            userVerification: 'required',
            extensions: { prf: { eval: { first: salt as BufferSource } } },
          },
          ...(signal !== undefined && { signal }),
        }),
      );
      const secret = credential.getClientExtensionResults().prf?.results?.first;
      if (secret === undefined) {
        throw new E2PError('vault-locked', 'the passkey gave no PRF result, so the vault stays locked');
      }
      // The specification says ArrayBuffer; password managers in between give views of larger ones too.
      const bytes = ArrayBuffer.isView(secret)
        ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength).slice()
        : new Uint8Array(secret);
      if (bytes.length !== SECRET_BYTES) {
        throw new E2PError(
          'vault-locked',
          `the passkey gave ${bytes.length} bytes, expected ${SECRET_BYTES}`,
        );
      }
      return bytes;
    },
  };
}

/** @throws E2PError `vault-locked` where the person or the browser declines. */
async function ask(request: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await request();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'unknown error';
    throw new E2PError('vault-locked', `the passkey was not given: ${name}`, { cause });
  }
  if (credential === null) throw new E2PError('vault-locked', 'the passkey was not given');
  return credential as PublicKeyCredential;
}
