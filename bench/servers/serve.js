'use strict';
/** Runs one of the servers beside this file as a process of its own, and tells its CPU time when asked. */
const [file, databaseUrl, env] = process.argv.slice(2);

async function main() {
  const { start } = await import(`./${file}`);
  const { url, tokens } = await start(databaseUrl, JSON.parse(env));
  process.on('message', () => process.send(process.cpuUsage()));
  process.send({ url, tokens });
}

void main().catch((error) => {
  console.error(error);
  process.exit(1);
});
