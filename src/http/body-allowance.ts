import type { ServerResponse } from 'node:http';

/** Bytes of a body that counts for nothing: they are bounded by the number of connections. */
const SMALL_BYTES = 4 * 1024;

/** How much of the process's memory bodies may take at once. */
export class BodyAllowance {
  private taken = 0;

  constructor(private readonly bytes: number) {}

  /**
   * Sets memory aside for a body of up to this many bytes, until its request is over.
   *
   * @returns false where there is none left
   */
  take(bytes: number, response: ServerResponse): boolean {
    if (bytes <= SMALL_BYTES) return true;
    if (this.taken + bytes > this.bytes) return false;
    this.taken += bytes;
    response.once('close', () => {
      this.taken -= bytes;
    });
    return true;
  }
}
