'use strict';
/**
 * Requests at a pace: sent when they are due, whether or not the ones before are answered, by a process of its own
 * on connections that are kept. What a caller waits for is measured so: callers that only send their next request
 * once they have an answer send fewer where answers are slow, and wait less for it.
 */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { Agent, request } = require('node:http');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');

/** Most milliseconds that a request may be sent too late: beyond, the machine is too small for the pace. */
const LATE_MS = 100;
/** What is sent in the first of them does not count: a process that starts takes a core of its own for a while. */
const WARM_UP_SECONDS = 3;
/** Whoever finds none of them free waits for one, and that counts. */
const CONNECTIONS = 128;

/**
 * Sends requests in turn at a pace, and returns what they took in milliseconds: `{mean, p50, p90, p99}`.
 *
 * @throws where an answer has another status, or the pace was not held
 */
async function paced(url, { requests, perSecond, seconds, status }) {
  const child = fork(join(__dirname, 'paced.js'), ['child']);
  child.send({ url, requests, perSecond, seconds });
  const ended = once(child, 'exit').then(() => {
    throw new Error('The process that sends requests ended');
  });
  const [{ times, statuses, late }] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => undefined);
  child.kill();
  if (statuses.some((got) => got !== status) || late > LATE_MS) {
    throw new Error(`Answers ${[...new Set(statuses)].join()}, sent up to ${late} ms too late`);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * times.length)];
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return { mean, p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

if (process.argv[2] === 'child') process.once('message', (asked) => void sendAll(asked));

async function sendAll({ url, requests, perSecond, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const unmeasured = perSecond * WARM_UP_SECONDS;
  const total = unmeasured + perSecond * seconds;
  const answers = [];
  const began = performance.now();
  let late = 0;
  for (let sent = 0; sent < total; sent++) {
    const due = began + (sent * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (sent >= unmeasured) late = Math.max(late, performance.now() - due);
    answers.push(send(url, agent, requests[sent % requests.length]));
  }
  const all = await Promise.all(answers);
  process.send({
    times: all.slice(unmeasured).map(({ took }) => took),
    statuses: all.map(({ status }) => status),
    late: Math.round(late),
  });
}

function send(url, agent, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request(url + path, { agent, method, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        resolve({ took: performance.now() - began, status: response.statusCode });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

module.exports = { paced };
