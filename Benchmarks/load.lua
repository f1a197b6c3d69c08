-- SPDX-License-Identifier: Apache-2.0
-- Requests for wrk, by kind: "pass-through", "token" (each with the next proof), "challenge".

local kind, work = os.getenv("KIND"), os.getenv("WORK")
local body = "grant_type=client_credentials&scope=read"
local host = "Host: as.example.com\r\n"
local proofs, before, after

local fixed = {
    ["pass-through"] = "GET /jwks HTTP/1.1\r\n" .. host .. "Accept: */*\r\n\r\n",
    ["challenge"] = "POST /attestgate/challenge HTTP/1.1\r\n" .. host
        .. "Content-Length: 0\r\n\r\n",
}

function init(args)
    if kind ~= "token" then return end
    proofs = io.lines(work .. "/proofs." .. os.getenv("PART"))
    local attestation = io.open(work .. "/attestation"):read("*l")
    before = "POST /oauth/token HTTP/1.1\r\n" .. host
        .. "Content-Type: application/x-www-form-urlencoded\r\nAccept: */*\r\n"
        .. "OAuth-Client-Attestation: " .. attestation .. "\r\nOAuth-Client-Attestation-PoP: "
    after = "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function request()
    if kind ~= "token" then return fixed[kind] end
    local proof = proofs and proofs()
    if proof then return before .. proof .. after end
    -- A proof is used once. wrk sleeps out its time; what is idle costs nothing.
    proofs = nil
    wrk.thread:stop()
    return fixed["pass-through"]
end

function done(summary, latency, requests)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format('RESULT {"requests": %d, "errors": %d}\n', summary.requests, failed))
end
