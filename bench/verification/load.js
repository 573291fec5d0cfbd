'use strict';
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const autocannon = require('autocannon');

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const WARM_UP_SECONDS = 2;
const CONNECTIONS = 32;

/** Starts a server of `bench/servers` as a process of its own. */
async function startServer(file, databaseUrl, env = {}) {
  const child = fork(
    join(__dirname, '../servers/serve.js'),
    [file, databaseUrl, JSON.stringify(env)],
    { env: { ...process.env, NODE_ENV: 'production' } },
  );
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${file} did not start`);
  });
  const [{ url, tokens }] = await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  const stop = async () => {
    child.kill();
    await once(child, 'exit');
  };
  return { child, url, tokens, stop };
}

/** Sends requests in turn, each with its token, for a while after a while of warming up. */
async function load(server, requests, options = {}) {
  await send(server, requests, { ...options, duration: WARM_UP_SECONDS });
  return measure(server, requests, options);
}

/** The same without warming up. */
async function measure(server, requests, options = {}) {
  const before = await cpuOf(server);
  const result = await send(server, requests, { duration: SECONDS, ...options });
  const cpu = (await cpuOf(server)) - before;
  const { status = 200 } = options;
  const count = result.statusCodeStats[status]?.count ?? 0;
  const all = result.requests.total;
  if (count === 0 || count < all || result.errors > 0) {
    const answers = JSON.stringify(result.statusCodeStats);
    throw new Error(`${requests[0].path}: not all were answered ${status}: ${answers}`);
  }
  const { p50, p99 } = result.latency;
  return { rate: all / result.duration, p50, p99, cpu: cpu / all };
}

function send({ url }, requests, { connections = CONNECTIONS, ...bounds }) {
  let next = 0;
  const setupRequest = (request) => {
    const { token, ...asked } = requests[next++ % requests.length];
    return { ...request, headers: { authorization: `Bearer ${token}` }, ...asked };
  };
  return autocannon({ url, connections, ...bounds, requests: [{ setupRequest }] });
}

/** Microseconds of CPU so far. */
async function cpuOf({ child }) {
  child.send('cpu');
  const [{ user, system }] = await once(child, 'message');
  return user + system;
}

module.exports = { SECONDS, load, measure, send, startServer };
