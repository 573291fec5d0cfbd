import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';

const ENCODERS = { br: promisify(brotliCompress), gzip: promisify(gzip) } as const;
type Encoding = keyof typeof ENCODERS;

/** An answer's body, and how it is encoded; null for not at all. */
export interface EncodedBody {
  readonly bytes: Buffer;
  readonly encoding: Encoding | null;
}

/** Bytes that are compressed once, when somebody first asks for it. */
export class CompressibleFile {
  private readonly encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(
    readonly type: string,
    private readonly bytes: Buffer,
  ) {}

  /** @param acceptEncoding the request's header */
  async body(acceptEncoding: string | undefined): Promise<EncodedBody> {
    const encoding = acceptedEncoding(acceptEncoding, ['br', 'gzip']);
    if (encoding === null) return { bytes: this.bytes, encoding };
    const encoded = this.encoded.get(encoding) ?? ENCODERS[encoding](this.bytes);
    this.encoded.set(encoding, encoded);
    return { bytes: await encoded, encoding };
  }
}

/** The first of these encodings that a header `Accept-Encoding` names and does not refuse (RFC 9110 §12.5.3). */
export function acceptedEncoding<Name extends Encoding>(
  acceptEncoding: string | string[] | undefined = '',
  encodings: readonly Name[],
): Name | null {
  const accepted = String(acceptEncoding)
    .split(',')
    .map((item) => item.split(';').map((part) => part.trim().toLowerCase()))
    .filter(([, weight = '']) => !/^q=0(?:\.0*)?$/.test(weight))
    .map(([name]) => name);
  return encodings.find((name) => accepted.includes(name)) ?? null;
}
