/** What the page can know about where personal data is and which ways out are shut: facts and their means, no promise. */

export interface ExitState {
  /** `fetch`, `navigator.locks`, `Cache.prototype.put`, `import()` … */
  readonly name: string;
  /** `absent`: this browser has no such thing. */
  readonly state: 'shut' | 'absent' | 'open';
  /** `script`: replaced in the worker by something that throws. `policy`: a Content-Security-Policy of the worker. */
  readonly by: 'script' | 'policy' | 'absence' | 'nothing';
}

export interface PrivacyReport {
  /** `sealed`: the engine worker, which alone has the personal data, can only talk to its page. */
  readonly phase: 'sealed';
  readonly exits: readonly ExitState[];
  /** The worker's Content-Security-Policy; undefined where none was noticed. */
  readonly policy: string | undefined;
  /** What is not sealed, in sentences for people. Never empty: the page itself is the app's business. */
  readonly notSealed: readonly string[];
}

export function describePrivacy(
  exits: readonly ExitState[],
  policy: string | undefined,
  threads: number,
): PrivacyReport {
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  const notSealed = [
    ...(open.includes('import()')
      ? [
          policy === undefined
            ? 'import(): the engine worker is served without a Content-Security-Policy, so script in it could still load a module and put data into its address.'
            : "import(): the engine worker's Content-Security-Policy allows scripts of some hosts, so script in it could still load a module from there and put data into its address.",
        ]
      : []),
    ...open
      .filter((name) => name !== 'import()')
      .map((name) => `${name}: this browser did not let it be shut.`),
    ...(threads > 1
      ? [
          `${threads - 1} helper threads of onnxruntime were started before the seal; only their Content-Security-Policy limits them.`,
        ]
      : []),
    'The page: what the app gives to the engine passes through it, and so does the generated text. Its own Content-Security-Policy and code decide what happens there.',
  ];
  return { phase: 'sealed', exits, policy, notSealed };
}
