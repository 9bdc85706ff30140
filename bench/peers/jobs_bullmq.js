// BullMQ on Redis, 100 jobs at once, finished jobs removed. See jobs_common.py.
const { Queue, Worker } = require("bullmq");
const { mode, address, jobs, seconds, BATCH, Tally, timed, trickle, tell, sleep } = require("./jobs_common.js");

async function main() {
  const { hostname: host, port } = new URL(address);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const options = { removeOnComplete: true, removeOnFail: true };
  const queue = new Queue("noop", { connection, defaultJobOptions: options });
  await queue.waitUntilReady();
  const tally = new Tally(jobs);
  const one = () => ({ name: "noop", data: {} });
  const enqueued = mode !== "speed" ? 0 : await timed(async () => {
    for (let n = 0; n < jobs; n += BATCH) await queue.addBulk(Array.from({ length: BATCH }, one));
  }, jobs);
  new Worker("noop", async (job) => tally.hit(job.data.at), { connection, concurrency: 100 });
  if (mode !== "speed") {
    await sleep(1);
    await trickle(jobs, (at) => queue.add("noop", { at }));
  }
  await tally.wait(seconds);
  tell(enqueued, tally);
}

main();
