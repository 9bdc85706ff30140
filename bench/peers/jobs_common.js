// What the job scripts in JavaScript share; the same as jobs_common.py.
const [mode, address, jobs, seconds] = process.argv.slice(2);
const now = () => performance.now() / 1000;
const sleep = (s) => new Promise((done) => setTimeout(done, Math.max(0, s) * 1000));

class Tally {
  constructor(jobs) {
    Object.assign(this, { jobs, n: 0, first: 0, last: 0, waits: [] });
    this.done = new Promise((resolve) => (this.finish = resolve));
  }

  hit(sentAt = 0) {
    this.last = now();
    this.first ||= this.last;
    this.n += 1;
    if (sentAt) this.waits.push(Date.now() / 1000 - sentAt);
    if (this.n >= this.jobs) this.finish();
  }

  wait(seconds) {
    return Promise.race([this.done, sleep(seconds)]);
  }
}

async function timed(enqueue, jobs) {
  const started = now();
  await enqueue();
  return jobs / (now() - started);
}

async function trickle(jobs, enqueue) {
  const started = now();
  for (let n = 0; n < jobs; n++) {
    await sleep(started + n / 100 - now());
    await enqueue((performance.timeOrigin + performance.now()) / 1000);
  }
}

function tell(enqueued, tally) {
  const waits = tally.waits.sort((a, b) => a - b);
  const part = (share) => (waits.length ? waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] * 1000 : -1);
  const speed = { enqueue: enqueued, drain: (tally.n - 1) / (tally.last - tally.first) };
  const told = mode === "speed" ? speed : { p50: part(0.5), p99: part(0.99) };
  console.log(JSON.stringify({ ...told, jobs: tally.n }));
  // An orderly stop may take long; all that was asked is told.
  process.exit(0);
}

module.exports = { mode, address, jobs: Number(jobs), seconds: Number(seconds), BATCH: 1000, Tally, timed, trickle, tell, sleep };
