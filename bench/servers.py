"""The servers that are compared: how each is built, started and asked. A table, and no more.

In commands, {port}, {peers} (their sources), {built} (what is built from them) and {awaitd} (the
binary) are filled in.
"""
import os
from dataclasses import dataclass, field

# glibc gives freed memory back to the system and asks for it again, all the time when the heap's
# top goes up and down by one request. These variables are what mallopt(3) sets.
UNTRIMMED = {"MALLOC_TRIM_THRESHOLD_": str(1 << 28), "MALLOC_TOP_PAD_": str(1 << 26)}
ONE_CORE = {"PORT": "{port}"}
UVICORN = ["/usr/bin/python3", "-B", "-m", "uvicorn", "app:app", "--host", "127.0.0.1",
           "--port", "{port}", "--loop", "uvloop", "--http", "httptools", "--no-access-log",
           "--log-level", "warning", "--backlog", "4096", "--lifespan", "off"]


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    command: list
    build: str = ""  # a line for the shell
    installed: str = ""  # its list in script/bootstrap
    environment: dict = field(default_factory=dict)
    is_floor: bool = False  # answers the same bytes to all, so only /hi compares

    @property
    def is_awaitd(self):
        return self.name == "awaitd"

    def path(self, endpoint, delay_ms, count=None):
        delay = f"delay={delay_ms}ms" if self.is_awaitd else f"delay_ms={delay_ms}"
        return f"/{endpoint}?" + (f"count={count}&" if count is not None else "") + delay

    def environment_for(self, values):
        return dict(os.environ, **{name: text.format(**values)
                                   for name, text in self.environment.items()})


def _floor(name, title, environment):
    loop = "evloop" if "evloop" in name else "libuv"
    return Server(name, title, [f"{{built}}/floor_{loop}", "{port}"], installed=f"floor-{loop}",
                  build=f"cmake --build {{release}} --target floor_{loop}",
                  environment=environment, is_floor=True)


SERVERS = [
    Server("awaitd", "awaitd", ["{awaitd}", "--port", "{port}"]),
    Server("rust-hyper", "Rust hyper", ["{built}/rust/target/release/peer"],
           build="mkdir -p {built}/rust && cp -ru {peers}/rust-hyper/. {built}/rust"
                 " && cd {built}/rust && cargo build --release --offline --quiet"
                 " --target-dir {built}/rust/target"
                 " --config 'source.crates-io.replace-with=\"debian\"'"
                 " --config 'source.debian.directory=\"/usr/share/cargo/registry\"'",
           installed="rust-hyper", environment=ONE_CORE),
    Server("nginx-lua", "nginx + Lua",
           ["/usr/sbin/nginx", "-e", "stderr", "-p", "{built}/nginx",
            "-c", "{built}/nginx/nginx.conf"],
           build="mkdir -p {built}/nginx", installed="nginx-lua"),
    Server("go", "Go net/http", ["{built}/go-peer"],
           build="cd {peers}/go && go build -trimpath -ldflags='-s -w' -o {built}/go-peer .",
           installed="go", environment={**ONE_CORE, "GOMAXPROCS": "1"}),
    Server("node-http", "Node http", ["node", "{peers}/node-http/server.mjs"],
           installed="node-http", environment={**ONE_CORE, "NODE_ENV": "production"}),
    Server("asgi", "bare ASGI", UVICORN + ["--app-dir", "{peers}/asgi"], installed="asgi"),
    Server("fastapi", "FastAPI", UVICORN + ["--app-dir", "{peers}/fastapi"], installed="fastapi"),
    _floor("libh2o", "libh2o, libuv", {}),
    _floor("libh2o-untrimmed", "libh2o, libuv, untrimmed", UNTRIMMED),
    _floor("libh2o-evloop", "libh2o, own loop", {}),
    _floor("libh2o-evloop-untrimmed", "libh2o, own loop, untrimmed", UNTRIMMED),
]
BY_NAME = {server.name: server for server in SERVERS}
