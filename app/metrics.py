"""Every figure the service shows at /metrics. One registry per process, passed down in Deps."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOB_SECONDS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200)


class Tally:
    """Times of one label. For the event loop's thread alone: without a lock it costs a fifth of a Histogram, which
    was a quarter of what a small job costs."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.sum += seconds


class Tallies(Collector):
    """A histogram made of tallies, by one label."""

    def __init__(self, name: str, help: str, label: str, bounds: tuple[float, ...]) -> None:
        self.name = name
        self.help = help
        self.label = label
        self.bounds = bounds
        self._tallies: dict[str, Tally] = {}

    def labels(self, value: str) -> Tally:
        if value not in self._tallies:
            self._tallies[value] = Tally(self.bounds)
        return self._tallies[value]

    def collect(self) -> Iterable[HistogramMetricFamily]:
        family = HistogramMetricFamily(self.name, self.help, labels=[self.label])
        names = [*(str(float(bound)) for bound in self.bounds), "+Inf"]
        for value, tally in self._tallies.items():
            buckets = [(name, float(n)) for name, n in zip(names, accumulate(tally.counts), strict=True)]
            family.add_metric([value], buckets, tally.sum)
        yield family


class Metrics:
    """Counters and gauges by name; whoever causes a figure counts it.

    Where several processes share a port, each answers for itself: `process` then goes to every figure as a label,
    so that a scrape that meets another process reads other series, not other values of the same ones.
    """

    def __init__(self, process: str = "") -> None:
        self.registry = CollectorRegistry()
        self.process = process

        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(name, help, labels, namespace="trunkline", registry=self.registry)

        def gauge(name: str, help: str, *labels: str) -> Gauge:
            return Gauge(name, help, labels, namespace="trunkline", registry=self.registry)

        def times(name: str, help: str, label: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
            return Histogram(name, help, [label], namespace="trunkline", buckets=buckets, registry=self.registry)

        def tallies(name: str, help: str, label: str, buckets: tuple[float, ...] = SECONDS) -> Tallies:
            made = Tallies(f"trunkline_{name}", help, label, buckets)
            self.registry.register(made)
            return made

        self.http_requests = counter("http_requests", "Requests answered", "method", "route", "status")
        self.http_seconds = times("http_seconds", "Time to answer", "route")

        self.http_connections = gauge("http_connections", "Open HTTP connections, sockets apart")
        self.http_closed = counter("http_closed", "HTTP connections refused or cut by us", "reason")

        # use: media, requests, jobs
        self.s3_connections = gauge("s3_connections", "Connections to S3 in use", "use")
        self.s3_waiting = gauge("s3_waiting", "Calls that wait for a connection to S3", "use")
        self.downloads = gauge("downloads", "Files on their way to browsers")

        # outcome: done, retry, dead, taken_over (or cancelled), handed_back
        self.jobs = counter("jobs", "Tries ended", "kind", "outcome")
        self.job_seconds = tallies("job_seconds", "Time a try took", "kind", JOB_SECONDS)
        self.job_wait_seconds = tallies("job_wait_seconds", "From enqueue to first start", "queue")
        self.jobs_running = gauge("jobs_running", "Jobs running here", "queue")
        self.queue_depth = gauge("queue_depth", "Jobs by state", "queue", "state")
        self.queue_oldest_seconds = gauge("queue_oldest_seconds", "Age of the oldest ready job", "queue")

        self.listener_live = gauge("listener_live", "1 while LISTEN is proven")
        self.listener_reconnects = counter("listener_reconnects", "Times LISTEN was set up again")
        self.canary_seconds = gauge("canary_seconds", "Last ring to itself")
        self.notify_queue = gauge("notify_queue_usage", "How full PostgreSQL's queue of notifications is, 0 to 1")
        self.rings = counter("rings", "Doorbell frames by way: in, out, lost", "way")

        self.events_delivered = counter("events_delivered", "Events handed to sockets")
        self.catch_ups = counter("catch_ups", "Queries that read events back: by cursor, or for readers that come back")
        self.deliveries = counter("deliveries", "Events written to sockets, counted once per socket")
        self.sockets = gauge("sockets", "Open WebSockets")
        self.sockets_closed = counter("sockets_closed", "WebSockets closed by us", "reason")
        self.cache = counter("cache", "Cache lookups: near, hit, stale, miss", "outcome")

    def render(self) -> bytes:
        """The text a Prometheus server reads."""
        return generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        for figure in self.registry.collect():
            if self.process:
                figure.samples = [s._replace(labels={**s.labels, "process": self.process}) for s in figure.samples]
            yield figure
