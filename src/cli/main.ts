#!/usr/bin/env node
/**
 * `e2p`: the list of commands; what each does and takes stands in its own file. Results go to standard output, everything else to
 * standard error. Exit code 0 = done, 2 = the input is wrong (one line says what), 130 = interrupted, 3 = what was
 * asked about has an alarm, 1 = a defect of ours.
 */
import { E2PError } from '../error.ts';
import { COMMANDS } from './commands.ts';
import { packageVersion } from './package-version.ts';

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { purpose }]) => `  ${name.padEnd(11)}${purpose}`);
  return `usage: e2p <command> [options]\n\n${lines.join('\n')}\n\ne2p help <command> tells its options, e2p --version the version`;
}

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const isHelp = ['help', '--help', '-h'].includes(name);
  if (name === '' || (isHelp && args.length === 0)) {
    console.log(overview());
    return name === '' ? 2 : 0;
  }
  if (name === 'version' || name === '--version') {
    console.log(packageVersion());
    return 0;
  }
  const wanted = isHelp ? args[0]! : name;
  if (!Object.hasOwn(COMMANDS, wanted)) {
    const known = Object.keys(COMMANDS).join(', ');
    console.error(`e2p: unknown command ${JSON.stringify(wanted)}, expected ${known}`);
    return 2;
  }
  const command = COMMANDS[wanted]!;
  if (isHelp || args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(command.help(wanted));
    return 0;
  }
  try {
    await command.run(args);
    // A command that was interrupted has said so.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (!(error instanceof E2PError || isSystemError(error))) throw error;
    const [line = ''] = error.message.split('\n');
    // What a file says must not steer the terminal (CWE-150).
    console.error(`e2p ${wanted}: ${line.replace(/\p{Cc}/gu, '�')}`);
    return 2;
  }
}

/** Of a file that could not be read or written where nobody foresaw it: it names the file. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  const { path, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && path !== undefined && syscall !== undefined;
}

// Whoever reads it may have enough (| head).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2));
