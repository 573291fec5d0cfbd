import type { IncomingMessage, ServerResponse } from 'node:http';

/** Milliseconds that an answer has to reach a client which is still sending. */
const LINGER_MS = 1_000;

/**
 * Lets a connection end with its answer, while the rest of the request stays unread. Closed at once it would
 * be reset, and the answer with it.
 *
 * @returns takes it back, where the rest is read after all
 */
export function closeAfterAnswer(
  { socket }: IncomingMessage,
  response: ServerResponse,
): () => void {
  const { shouldKeepAlive } = response;
  response.shouldKeepAlive = false;
  // By which Node ends a connection that is not kept.
  socket.destroySoon = () => {
    socket.end();
    const reset = setTimeout(() => {
      socket.destroy();
    }, LINGER_MS);
    socket.once('close', () => {
      clearTimeout(reset);
    });
  };
  return () => {
    response.shouldKeepAlive = shouldKeepAlive;
    Reflect.deleteProperty(socket, 'destroySoon');
  };
}
