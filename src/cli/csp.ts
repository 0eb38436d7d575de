/** `e2p csp`: prints the Content-Security-Policies of the page and of the engine worker, in the form that a server wants. */
import { E2PError } from '../error.ts';
import { pagePolicy, workerPolicy } from '../worker/content-policy.ts';
import { oneOf } from './choices.ts';
import { defineCommand, type Options, type Values } from './command.ts';

const OPTIONS = {
  model: {
    ...{ value: '<origin>', many: true, read: origin },
    meaning: 'a host that models are downloaded from, as https://huggingface.co',
    without: "the page's own",
  },
  threads: { meaning: 'also what threads of the engine worker need' },
  format: {
    ...{ value: '<f>', read: oneOf('text', 'json', 'headers', 'nginx'), default: 'text' },
    meaning: 'text, json, headers (a _headers file) or nginx',
  },
  worker: {
    ...{ value: '<path>', read: workerPath, default: '/assets/engine-worker-*.js' },
    meaning: 'where your build puts the engine worker',
  },
} as const satisfies Options;

function csp({ model = [], threads, format, worker: path }: Values<typeof OPTIONS>): void {
  const options = { modelHosts: model, threads };
  const [page, worker] = [pagePolicy(options), workerPolicy(options)];
  console.log(
    {
      text: `page:   ${page}\nworker: ${worker}`,
      json: JSON.stringify({ page, worker }, null, 2),
      headers: `/*\n  Content-Security-Policy: ${page}\n${path}\n  ! Content-Security-Policy\n  Content-Security-Policy: ${worker}`,
      nginx:
        `location / { add_header Content-Security-Policy "${page}"; }\n` +
        `location ~ ^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$ { add_header Content-Security-Policy "${worker}"; }`,
    }[format],
  );
}

/** An origin and nothing else: a semicolon or a space would be a directive of its own. */
function origin(host: string, name: string): string {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== host.replace(/\/$/, '')) {
    throw new E2PError(
      'invalid-argument',
      `--${name} is ${JSON.stringify(host)}, expected an origin such as https://huggingface.co`,
    );
  }
  return url.origin;
}

function workerPath(path: string, name: string): string {
  if (/^\/[\w.*/-]+$/.test(path)) return path;
  throw new E2PError(
    'invalid-argument',
    `--${name} is ${JSON.stringify(path)}, expected a path such as /assets/engine-worker-*.js`,
  );
}

export const command = defineCommand({
  purpose: 'Prints the Content-Security-Policies of the page and of the engine worker.',
  options: OPTIONS,
  examples: ['csp --model https://huggingface.co --format headers'],
  run: csp,
});
