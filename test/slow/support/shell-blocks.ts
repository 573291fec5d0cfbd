import { spawnSync } from 'node:child_process';

/** The blocks of a Markdown page that are for a shell, those within a list too. */
export function shellBlocks(markdown: string): string[] {
  return [...markdown.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].map(([, indent, block = '']) =>
    block.replaceAll(new RegExp(`^${indent ?? ''}`, 'gm'), ''),
  );
}

/** A block's commands: one goes on while its line ends with a backslash, or the shell waits for its end. */
export function commandsOf(block: string): string[] {
  const commands: string[] = [];
  let command = '';
  for (const line of block.trimEnd().split('\n')) {
    command += command === '' ? line : `\n${line}`;
    if (line.endsWith('\\') || spawnSync('bash', ['-n', '-c', command]).status !== 0) continue;
    commands.push(command);
    command = '';
  }
  return commands;
}
