import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** Milliseconds without a request after which connections kept alive are taken for idle; until then clients learn by an answer. */
const NOTICE_MS = 500;
/** Milliseconds between two looks for connections that are of no use any more. */
const SWEEP_MS = 50;
/** Milliseconds requests in flight have to finish. */
const DRAIN_TIMEOUT_MS = 5_000;

/** A server's connections, the answers under way on them, and their end. */
export class Connections {
  private readonly sockets = new Set<Socket>();
  private readonly answers = new Set<ServerResponse>();
  private draining = false;
  private lastAt = 0;

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Connections that are open. */
  get open(): number {
    return this.sockets.size;
  }

  /** Adds someone who wants to know of a connection that was closed at once, since there were too many. */
  onDrop(listener: () => void): void {
    this.server.on('drop', listener);
  }

  /** Hands requests on, and keeps count of those that are not answered yet. */
  watched(listener: RequestListener): RequestListener {
    return (request: IncomingMessage, response: ServerResponse) => {
      this.answers.add(response);
      response.once('close', () => {
        this.answers.delete(response);
        this.lastAt = performance.now();
      });
      if (this.draining) response.setHeader('Connection', 'close');
      listener(request, response);
    };
  }

  /**
   * Takes no new connection and lets every request that came be answered. Connections kept alive are told
   * by `Connection: close` on their next answer: closing one just as a request comes would drop that.
   */
  async drain(): Promise<void> {
    const { server } = this;
    // A turn in which what has connected already is accepted: the system would reset it.
    await turn();
    await turn();
    const ended = new Promise<void>((resolve) => {
      // Not http's close, which ends idle connections at once.
      NetServer.prototype.close.call(server, () => {
        resolve();
      });
    });
    // Not before: whoever is told connects anew.
    this.draining = true;
    this.lastAt = performance.now();
    for (const answer of this.answers) {
      if (!answer.headersSent) answer.setHeader('Connection', 'close');
    }
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_TIMEOUT_MS);
    const closed = ended.then(() => true);
    while (!(await Promise.race([closed, delay(SWEEP_MS, false)]))) {
      // After a turn in which requests that have arrived are read: their connections are not idle.
      await turn();
      const isQuiet = this.answers.size === 0 && performance.now() - this.lastAt >= NOTICE_MS;
      if (isQuiet) this.closeUnused();
    }
    clearTimeout(cut);
  }

  private closeUnused(): void {
    // Browsers open connections that they may never use; Node takes those for busy.
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
    this.server.closeIdleConnections();
  }
}
