"""Every figure the service shows at /metrics. One registry per process, passed down in Deps."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOB_SECONDS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200)


class Metrics:
    """Counters and gauges by name; whoever causes a figure counts it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, help: str, *labels: str) -> Counter:
            return Counter(name, help, labels, namespace="trunkline", registry=self.registry)

        def gauge(name: str, help: str, *labels: str) -> Gauge:
            return Gauge(name, help, labels, namespace="trunkline", registry=self.registry)

        def times(name: str, help: str, label: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
            return Histogram(name, help, [label], namespace="trunkline", buckets=buckets, registry=self.registry)

        self.http_requests = counter("http_requests", "Requests answered", "method", "route", "status")
        self.http_seconds = times("http_seconds", "Time to answer", "route")

        # outcome: done, retry, dead, taken_over, handed_back
        self.jobs = counter("jobs", "Tries ended", "kind", "outcome")
        self.job_seconds = times("job_seconds", "Time a try took", "kind", JOB_SECONDS)
        self.job_wait_seconds = times("job_wait_seconds", "From enqueue to first start", "queue")
        self.jobs_running = gauge("jobs_running", "Jobs running here", "queue")
        self.queue_depth = gauge("queue_depth", "Jobs by state", "queue", "state")
        self.queue_oldest_seconds = gauge("queue_oldest_seconds", "Age of the oldest ready job", "queue")

        self.listener_live = gauge("listener_live", "1 while LISTEN is proven")
        self.listener_reconnects = counter("listener_reconnects", "Times LISTEN was set up again")
        self.canary_seconds = gauge("canary_seconds", "Last ring to itself")
        self.rings = counter("rings", "Doorbell frames by way: in, out, lost", "way")

        self.events_delivered = counter("events_delivered", "Events handed to sockets")
        self.deliveries = counter("deliveries", "Events written to sockets, counted once per socket")
        self.sockets = gauge("sockets", "Open WebSockets")
        self.sockets_closed = counter("sockets_closed", "WebSockets closed by us", "reason")
        self.cache = counter("cache", "Cache lookups: near, hit, stale, miss", "outcome")

    def render(self) -> bytes:
        """The text a Prometheus server reads."""
        return generate_latest(self.registry)
