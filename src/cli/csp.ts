/** `e2p csp`: prints the Content-Security-Policies of the page, of the loader and of the engine, in the form that a server wants. */
import { E2PError } from '../error.ts';
import { enginePolicy, loaderPolicy, pagePolicy } from '../worker/content-policy.ts';
import { frameScriptHash } from '../worker/sealed-frame.ts';
import { oneOf } from './choices.ts';
import { defineCommand, type Options, type Values } from './command.ts';

const OPTIONS = {
  model: {
    ...{ value: '<origin>', many: true, read: origin },
    meaning: 'a host that models are downloaded from, as https://huggingface.co',
    without: "the page's own",
  },
  format: {
    ...{ value: '<f>', read: oneOf('text', 'json', 'headers', 'nginx'), default: 'text' },
    meaning: 'text, json, headers (a _headers file) or nginx',
  },
  loader: {
    ...{ value: '<path>', read: workerPath, default: '/loader.js' },
    meaning: 'where you serve sealed/loader.js, if you do',
  },
  engine: {
    ...{ value: '<path>', read: workerPath, default: '/engine.js' },
    meaning: 'where you serve sealed/engine.js, if you do',
  },
} as const satisfies Options;

async function csp({ model = [], format, ...paths }: Values<typeof OPTIONS>): Promise<void> {
  const options = { modelHosts: model };
  const page = await pagePolicy(options);
  const [loader, engine, frameScript] = [loaderPolicy(options), enginePolicy(), await frameScriptHash()];
  const files = [
    [paths.loader, loader],
    [paths.engine, engine],
  ] as const;
  const header = (policy: string) => `  Content-Security-Policy: ${policy}`;
  console.log(
    {
      text: `page:   ${page}\nloader: ${loader}\nengine: ${engine}\nIn a page's own policy: script-src ${frameScript} 'wasm-unsafe-eval'; worker-src blob:`,
      json: JSON.stringify({ page, loader, engine, frameScript }, null, 2),
      headers: [
        `/*\n${header(page)}`,
        ...files.map(([path, policy]) => `${path}\n  ! Content-Security-Policy\n${header(policy)}`),
      ].join('\n'),
      nginx: [
        `location / { add_header Content-Security-Policy "${page}"; }`,
        ...files.map(
          ([path, policy]) =>
            `location ~ ^${path.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$ { add_header Content-Security-Policy "${policy}"; }`,
        ),
      ].join('\n'),
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
    `--${name} is ${JSON.stringify(path)}, expected a path such as /engine.js`,
  );
}

export const command = defineCommand({
  purpose: 'Prints the Content-Security-Policies of the page, of the loader and of the engine.',
  options: OPTIONS,
  examples: ['csp --model https://huggingface.co --format headers'],
  run: csp,
});
