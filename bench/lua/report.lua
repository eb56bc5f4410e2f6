-- wrk's own figures as one JSON line. It touches no request, so that wrk stays on its fast path.
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\nWRK {"requests":%d,"duration_s":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"most_ms":%.3f,' ..
    '"errors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000,
    e.connect + e.read + e.write + e.status + e.timeout))
end
