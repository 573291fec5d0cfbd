import { once } from 'node:events';
import {
  connect,
  createServer,
  type AddressInfo,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { through } from './test-database';

/** An answer that is on its way and does not arrive. */
export interface HeldAnswer {
  /** Resolves once the server has answered. */
  readonly given: Promise<void>;
  /** Lets it arrive. */
  release(): void;
}

/** Stands in front of a real PostgreSQL, counts the statements that pass, and may hold an answer up. */
export class PostgresTap {
  /** Every statement so far. */
  readonly statements: string[] = [];

  private readonly sockets = new Set<Socket>();
  private hold: { text: string; take: (connection: Socket) => void } | null = null;
  private readonly held = new Map<Socket, { chunks: Buffer[]; given: () => void }>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async before(url: string): Promise<PostgresTap> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const tap = new PostgresTap(server, new URL(url));
    server.on('connection', (client) => {
      tap.forward(client);
    });
    return tap;
  }

  /** The database's connection string, through here. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return through(this.target.href, `127.0.0.1:${port}`);
  }

  /** How many statements so far hold this text. */
  count(text: string): number {
    return this.statements.filter((statement) => statement.includes(text)).length;
  }

  /** Holds up the answer to the next statement that has this text: the server has seen it all the same. */
  holdNext(text: string): HeldAnswer {
    let given = (): void => undefined;
    let client: Socket | null = null;
    const answered = new Promise<void>((resolve) => {
      given = resolve;
    });
    this.hold = {
      text,
      take: (connection) => {
        client = connection;
        this.held.set(connection, { chunks: [], given });
      },
    };
    return {
      given: answered,
      release: () => {
        this.hold = null;
        if (!client) return;
        for (const chunk of this.held.get(client)?.chunks ?? []) client.write(chunk);
        this.held.delete(client);
      },
    };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private forward(client: Socket): void {
    const server = connect(addressOf(this.target));
    const read = messageReader((statement) => {
      this.statements.push(statement);
      if (!this.hold || !statement.includes(this.hold.text)) return;
      this.hold.take(client);
      this.hold = null;
    });
    client.on('data', (data) => {
      read(data);
      server.write(data);
    });
    server.on('data', (data) => {
      const held = this.held.get(client);
      if (!held) {
        client.write(data);
        return;
      }
      held.chunks.push(data);
      held.given();
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.sockets.delete(from);
      });
    }
  }
}

/** A socket's folder stands encoded in the place of the host. */
function addressOf({ hostname, port }: URL): NetConnectOpts {
  const host = decodeURIComponent(hostname);
  return host.startsWith('/')
    ? { path: join(host, `.s.PGSQL.${port}`) }
    : { host, port: Number(port) };
}

/**
 * Takes PostgreSQL's frontend messages apart (protocol 3.0): the first one has no type. A statement is run by
 * Query, which holds its text, or by Bind, which has the name that Parse gave to it.
 */
function messageReader(onStatement: (text: string) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0);
  let started = false;
  const parsed = new Map<string, string>();
  return (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const header = started ? 1 : 0;
      if (rest.length < header + 4) return;
      const length = header + rest.readUInt32BE(header);
      if (rest.length < length) return;
      if (started) {
        const [first = '', second = ''] = rest.toString('utf8', 5, length).split('\0', 2);
        const type = rest.toString('latin1', 0, 1);
        if (type === 'Q') onStatement(first);
        if (type === 'P') parsed.set(first, second);
        if (type === 'B') onStatement(parsed.get(second) ?? '');
      }
      rest = rest.subarray(length);
      started = true;
    }
  };
}
