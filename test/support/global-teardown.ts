import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  const { testServer } = globalThis;
  if (!testServer) return;
  await testServer.server.stop();
  rmSync(testServer.folder, { recursive: true, force: true });
}
