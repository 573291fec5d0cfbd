import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { Response as JsonAnswer } from 'supertest';
import { commandsOf } from './shell-blocks';

/** An answer to a request of the page, in its order. */
export interface PageAnswer {
  /** The command that asked for it, as it is written. */
  readonly command: string;
  readonly status: number;
  /** Unchecked: what comes back is what the test is about. */
  readonly body: JsonAnswer['body'];
}

/** Ends what a batch of commands prints. */
const END = '\u0004';
const ANSWER_END = '\u001e';
/** `export NAME=…   # field`: a value that the reader takes from the answer before. */
const TAKEN = /^export (\w+)=.*…\s*# (\w+)\s*$/;
const GIVEN = /^export (\w+)=/;

/**
 * A shell that a page's reader sits at: it runs the commands as they are written, and what the reader has to
 * fill in is filled in by the page's own words. Nothing of a command is changed but `curl` shows the status.
 */
export class ShellPage {
  private readonly shell: ChildProcessWithoutNullStreams;
  private output = '';
  private last: PageAnswer | null = null;

  /** @param given what the reader knows from elsewhere, by variable */
  constructor(private readonly given: Readonly<Record<string, string>>) {
    this.shell = spawn('bash', ['--noprofile', '--norc'], { env: { PATH: process.env.PATH } });
    this.shell.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.shell.stderr.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.shell.stdin.write(`curl() { command curl -w '\\n%{http_code}${ANSWER_END}' "$@"; }\n`);
  }

  /** Runs the commands of one fenced block and answers what its requests got. */
  async run(block: string): Promise<PageAnswer[]> {
    const answers: PageAnswer[] = [];
    for (const command of commandsOf(block)) {
      const taken = TAKEN.exec(command);
      const variable = GIVEN.exec(command)?.[1];
      if (taken) {
        await this.execute(`export ${taken[1]}='${this.field(taken[2]!)}'`);
      } else if (variable && variable in this.given) {
        await this.execute(`export ${variable}='${this.given[variable]}'`);
      } else {
        const printed = await this.execute(command);
        for (const text of printed.split(ANSWER_END).slice(0, -1)) {
          answers.push((this.last = answerOf(command, text)));
        }
      }
    }
    return answers;
  }

  async close(): Promise<void> {
    const closed = once(this.shell, 'close');
    this.shell.stdin.end();
    await closed;
  }

  private field(name: string): string {
    const value: unknown = this.last?.body?.[name];
    if (typeof value !== 'string') throw new Error(`The answer before has no ${name}`);
    return value;
  }

  private async execute(command: string): Promise<string> {
    this.output = '';
    this.shell.stdin.write(`${command}\nprintf '${END}'\n`);
    while (!this.output.includes(END)) await once(this.shell.stdout, 'data');
    return this.output.slice(0, this.output.indexOf(END));
  }
}

function answerOf(command: string, printed: string): PageAnswer {
  const end = printed.lastIndexOf('\n');
  const text = printed.slice(0, end).trim();
  return {
    command,
    status: Number(printed.slice(end + 1)),
    body: text === '' ? undefined : JSON.parse(text),
  };
}
