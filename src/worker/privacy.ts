/** What the page can know about where personal data is and who shuts which way out: facts and their means, no promise. */

export interface ExitState {
  /** `fetch`, `navigator.locks`, `Cache.prototype.put`, `import()` … */
  readonly name: string;
  /** `absent`: there is no such thing here. */
  readonly state: 'shut' | 'absent' | 'open';
  /**
   * `policy`: the browser, by the Content-Security-Policy that the worker was born with. `origin`: the browser, since the worker's origin
   * is of its own and has no storage. `script`: a gate in the worker throws.
   */
  readonly by: 'policy' | 'origin' | 'script' | 'absence' | 'nothing';
}

/** Which ways out of the engine are shut, by whom, and what is not sealed. */
export interface PrivacyReport {
  /** `sealed`: the engine worker, which alone has the personal data, was born without network and can only talk to its page. */
  readonly phase: 'sealed';
  readonly exits: readonly ExitState[];
  /** What is not sealed, in sentences for people. Never empty: the page itself is the app's business. */
  readonly notSealed: readonly string[];
}

export interface Surroundings {
  readonly isOpaque: boolean;
  /** Tried in the worker, with addresses that need no network. */
  readonly shutsRequests: boolean;
  readonly shutsImports: boolean;
  /** A policy of the page, which the engine takes over, names an address for reports. */
  readonly isReported: boolean;
  readonly gated: readonly ExitState[];
}

const IMPORT = 'import()';
const REPORTS = 'reports of the policy';
/** What `connect-src`, `font-src` and `script-src` are about. */
const REQUESTS =
  /^(fetch|fetchLater|XMLHttpRequest|EventSource|importScripts|FontFace(Set)?|WebSocket(Stream)?|WebTransport|navigator\.sendBeacon)(\.|$)/;
/** What an opaque origin has none of (https://storage.spec.whatwg.org/#obtain-a-storage-key). */
const STORAGE =
  /^(caches|indexedDB|cookieStore|sharedStorage|webkit\w*FileSystem\w*|navigator\.(storage|storageBuckets|locks|serviceWorker)|Cache(Storage)?|IDB\w+|Storage\w+|FileSystem\w+|LockManager|ServiceWorker\w*)(\.|$)/;

export function describePrivacy({
  isOpaque,
  shutsRequests,
  shutsImports,
  isReported,
  gated,
}: Surroundings): PrivacyReport {
  const byBrowser = (exit: ExitState): ExitState => {
    if (exit.state === 'absent') return exit;
    if (shutsRequests && REQUESTS.test(exit.name)) return { ...exit, state: 'shut', by: 'policy' };
    if (isOpaque && STORAGE.test(exit.name)) return { ...exit, state: 'shut', by: 'origin' };
    return exit;
  };
  const imports = shutsImports ? SHUT_BY_POLICY : OPEN;
  const reports = isReported ? OPEN : ABSENT;
  const exits: readonly ExitState[] = [
    { name: IMPORT, ...imports },
    { name: REPORTS, ...reports },
    ...gated.map(byBrowser),
  ];
  const open = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
  return {
    phase: 'sealed',
    exits,
    notSealed: [
      ...open.map((name) =>
        name === IMPORT
          ? 'import(): the engine worker runs without a Content-Security-Policy that forbids scripts, so script in it could still load a module and put data into its address.'
          : name === REPORTS
            ? 'reports of the policy: a Content-Security-Policy of the page names an address for them (report-uri or report-to), and the browser sends it every address that script in the engine tried in vain.'
            : `${name}: this browser did not let it be shut.`,
      ),
      'The page: what the app gives to the engine passes through it, and so does the generated text. Its own Content-Security-Policy and code decide what happens there.',
    ],
  };
}

const ABSENT = { state: 'absent', by: 'absence' } as const;
const OPEN = { state: 'open', by: 'nothing' } as const;
const SHUT_BY_POLICY = { state: 'shut', by: 'policy' } as const;
