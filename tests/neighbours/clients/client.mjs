// Node: its fetch; its http module with an agent that keeps connections; its http2 module.
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { readFileSync } from "node:fs";

const [kind, mode, base] = process.argv.slice(2);
const ca = kind === "fetch" ? undefined : readFileSync("cert.pem");
const tooLarge = "x".repeat(1_000_000);

// Each asks and gives {status, pieces, times}: times in seconds from the request on.
async function byFetch(method, path, body) {
  const began = performance.now();
  const answer = await fetch(base + path, { method, body });
  const pieces = [], times = [];
  for await (const piece of answer.body ?? []) {
    pieces.push(piece);
    times.push((performance.now() - began) / 1000);
  }
  return { status: answer.status, pieces, times };
}

function collect(stream, began, done) {
  const pieces = [], times = [];
  stream.on("data", (piece) => {
    pieces.push(piece);
    times.push((performance.now() - began) / 1000);
  });
  stream.on("end", () => done({ pieces, times }));
}

const agents = { keepAlive: true, ca };
const [module, agent] = base.startsWith("https:") ? [https, new https.Agent(agents)] : [http, new http.Agent(agents)];

function byHttp(method, path, body) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const headers = body === undefined ? {} : { "Content-Length": body.length };
    let isAnswered = false;
    const request = module.request(base + path, { method, agent, headers }, (answer) => {
      isAnswered = true;
      answer.on("error", reject);
      collect(answer, began, (got) => resolve({ status: answer.statusCode, ...got }));
    });
    // Who is answered before he has sent all may find that nobody takes the rest.
    request.on("error", (error) => isAnswered || reject(error));
    request.end(body);
  });
}

let session;

function byHttp2(method, path, body) {
  session ??= http2.connect(base, { ca });
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const stream = session.request({ ":method": method, ":path": path });
    stream.on("error", reject);
    stream.on("response", (headers) =>
      collect(stream, began, (got) => resolve({ status: headers[":status"], ...got })));
    stream.end(body);
  });
}

const request = { fetch: byFetch, http: byHttp, http2: byHttp2 }[kind];

async function ask() {
  const statuses = [];
  for (let i = 0; i < 10; i++) {
    statuses.push((await request("GET", "/hi?delay=0")).status);
    statuses.push((await request("POST", "/hi", "hi")).status);
    statuses.push((await request("HEAD", "/hi?delay=0")).status);
  }
  const { pieces } = await request("GET", "/parallel?count=1000&delay=1ms&timeline=true");
  const { times } = await request("GET", "/sequence?count=3&delay=400ms&format=text");
  return { statuses, arrivals: times, large: JSON.parse(Buffer.concat(pieces).toString()).output.length };
}

async function upload() {
  const statuses = [];
  for (let i = 0; i < 10; i++) statuses.push((await request("POST", "/hi", tooLarge)).status);
  return { statuses };
}

async function load() {
  const outcomes = {};
  let isOver = false;
  process.stdin.resume().on("end", () => (isOver = true));
  const ordinary = [["GET", "/hi?delay=5ms"], ["POST", "/hi", "hi"]];
  async function beClient() {
    for (let i = 0; !isOver; i++) {
      const outcome = await request(...ordinary[i % 2]).then(({ status }) => status, (error) => `${error} ${error.cause}`);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  }
  await Promise.all(Array.from({ length: 8 }, beClient));
  return { outcomes };
}

console.log(JSON.stringify(await { ask, upload, load }[mode]()));
process.exit(0);
