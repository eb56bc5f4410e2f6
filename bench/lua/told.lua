-- What the server itself says of each request's elapsed time, as one JSON line: how far beyond the
-- asked delay, and how many were early. Arguments: the delay in ms, the number of connections.
-- Each connection first waits a random part of the delay, so that requests do not come in waves.
-- wrk runs init, delay and response in its thread, setup and done outside of it.
local STEP_MS, STEPS = 0.01, 1000000
local thread

setup = function(of_the_run) thread = of_the_run end

init = function(args)
  delay_ms, to_spread = tonumber(args[1]), tonumber(args[2])
  answers, early, least_ms, most_ms, steps = 0, 0, 1e9, -1e9, {}
end

delay = function()
  if to_spread == 0 then return 0 end
  to_spread = to_spread - 1
  return math.random(0, delay_ms)
end

response = function(_, _, body)
  local seconds = tonumber(body:match('"elapsed_seconds":%s*([%d.eE+-]+)'))
  if not seconds then return end
  local beyond_ms = 1000 * seconds - delay_ms
  answers = answers + 1
  if beyond_ms < 0 then early = early + 1 end
  least_ms, most_ms = math.min(least_ms, beyond_ms), math.max(most_ms, beyond_ms)
  local step = math.max(0, math.min(STEPS, math.floor(beyond_ms / STEP_MS)))
  steps[step] = (steps[step] or 0) + 1
end

-- The upper end of the step that holds this part of all answers.
local function beyond_at(part, of_all, in_steps)
  local seen = 0
  for step = 0, STEPS do
    seen = seen + (in_steps[step] or 0)
    if seen >= part * of_all then return (step + 1) * STEP_MS end
  end
end

done = function(summary)
  local all, in_steps, e = thread:get("answers"), thread:get("steps"), summary.errors
  io.write(string.format(
    '\nWRK {"answers":%d,"early":%d,"least_ms":%.4f,"p50_ms":%.2f,"p99_ms":%.2f,"most_ms":%.4f,' ..
    '"errors":%d}\n', all, thread:get("early"), thread:get("least_ms"),
    beyond_at(0.5, all, in_steps), beyond_at(0.99, all, in_steps), thread:get("most_ms"),
    e.connect + e.read + e.write + e.status + e.timeout))
end
