// graphile-worker with its local queue of 500 and batched completion, as its performance page says.
// See jobs_common.py.
const { Pool } = require("pg");
const { makeWorkerUtils, run, Logger } = require("graphile-worker");
const { mode, address, jobs, seconds, BATCH, Tally, timed, trickle, tell, sleep } = require("./jobs_common.js");

const quiet = new Logger(() => () => {});

async function main() {
  const utils = await makeWorkerUtils({ connectionString: address, logger: quiet });
  await utils.migrate();
  const tally = new Tally(jobs);
  const one = () => ({ identifier: "noop", payload: {} });
  const enqueued = mode !== "speed" ? 0 : await timed(async () => {
    for (let n = 0; n < jobs; n += BATCH) await utils.addJobs(Array.from({ length: BATCH }, one));
  }, jobs);
  // A lost acknowledgement runs a job again, with every queue here: none waits for its flush.
  const pgPool = new Pool({ connectionString: address, max: 12, options: "-c synchronous_commit=off" });
  pgPool.on("error", () => {});
  const fast = { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const calm = { concurrentJobs: 24 };
  await run({
    pgPool,
    taskList: { noop: (payload) => tally.hit(payload.at) },
    preset: { worker: { ...(mode === "speed" ? fast : calm), logger: quiet } },
    noHandleSignals: true,
  });
  if (mode !== "speed") {
    await sleep(1);
    await trickle(jobs, (at) => utils.addJob("noop", { at }));
  }
  await tally.wait(seconds);
  tell(enqueued, tally);
}

main();
