import type { Command } from 'commander';

/** Characters a line of the help texts may have. */
const WIDTH = 100;

/**
 * The reference page of the command line, made of the commands' own help.
 *
 * @param command what writes this page anew
 */
export function commandLinePage(program: Command, command: string): string {
  const sections = leaves(program).map(
    ({ name, help }) => `## ${name}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`,
  );
  return `# Command line

\`npx ${program.name()}\` runs it from the installed package; in a checkout \`npm run token\`,
\`npm run audit:verify\` and \`npm run audit:prune\` are short for its commands, and \`npm start\` builds before
where something has changed. The environment is the service's: see the table of variables in the README.

| exit code | |
|---|---|
| 0 | done |
| 1 | failed: refused by the service, not reachable, a check that does not hold |
| 2 | wrongly called, with what would be right on standard error; \`audit\`: nothing could be checked |

Results go to standard output, everything else (errors, progress, notes) to standard error. Generated: re-run
\`${command}\` after changes.

${sections.join('\n')}`;
}

function leaves(command: Command): { name: string; help: string }[] {
  const children = command.commands;
  if (children.length > 0) return children.flatMap(leaves);
  const help = command.configureHelp({ helpWidth: WIDTH }).helpInformation();
  const parent = command.parent?.parent ? `${command.parent.name()} ` : '';
  return [{ name: parent + command.name(), help }];
}
