/** How `npm test` runs its stages: one after the other with their output shown, or beside them with the output kept until somebody waits for it. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root } from './setup.mjs';

const start = (args, options) => spawn(process.execPath, args, { cwd: root, ...options });
const inModules = ([path, ...args]) => [join('node_modules', path), ...args];
/** @returns whether it succeeded */
const ended = (child) =>
  new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(String(error));
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  });

/** A script with this Node, its output shown. */
export const run = (args, options) => ended(start(args, { stdio: 'inherit', ...options }));

/** The same with a program of node_modules. */
export const tool = (args, options) => run(inModules(args), options);

/**
 * A program of node_modules that goes on beside what is run next, and ends with this process whatever ends that.
 * @returns waits for its end and shows what it has written into the file `output`; whether it succeeded
 */
export function beside(args, output, options) {
  const file = openSync(output, 'w');
  // A group of its own: what a terminal sends to all would come twice, and the second time Playwright leaves its browsers behind.
  const child = start(inModules(args), { stdio: ['ignore', file, file], detached: true, ...options });
  closeSync(file);
  const end = ended(child);
  process.once('exit', () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return async () => {
    const isDone = await end;
    process.stdout.write(readFileSync(output));
    return isDone;
  };
}
