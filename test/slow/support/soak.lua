-- What callers ask for all day, right and wrong, from a fixed set of paths. Arguments: admin JWT, token id, value.
local requests = {}
local next_request = 0

function init(args)
  local admin = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json" }
  local form = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/x-www-form-urlencoded" }
  local tokens = "/api/v1/admin/scim-tokens/"
  local introspect = "/api/v1/scim-tokens/introspect"
  for _, path in ipairs({ args[2], "?per_page=5", args[2], "endpoint-info?tenant_id=tnt_a", "sct_unknown", args[2] }) do
    table.insert(requests, wrk.format("GET", tokens .. path, admin))
  end
  table.insert(requests, wrk.format("GET", tokens, { ["Authorization"] = "Bearer nonsense" }))
  table.insert(requests, wrk.format("POST", tokens, admin, '{"name": "", "tenant_id": 1}'))
  table.insert(requests, wrk.format("PATCH", tokens .. args[2], admin, '{"name": "soak"}'))
  for _ = 1, 6 do
    table.insert(requests, wrk.format("POST", introspect, form, "token=" .. args[3]))
  end
  table.insert(requests, wrk.format("POST", introspect, form, "token=nonsense"))
  table.insert(requests, wrk.format("GET", "/health/ready", {}))
  table.insert(requests, wrk.format("GET", "/metrics", {}))
end

function request()
  next_request = next_request % #requests + 1
  return requests[next_request]
end
