//! The adapters of servers and server libraries.

use super::adapter::{Adapter, InstallCommand};

/// Cases that are not published for a named library: whoever keeps it hears of them first.
pub(crate) const UNPUBLISHED: &[&str] =
    &["library/*-with-lf*", "library/*-with-cr", "library/data-with-an-event-behind-two-cr"];

pub(crate) const NPM: &[InstallCommand] =
    &[&["npm", "ci", "--prefix", "adapters/servers/node", "--no-audit", "--no-fund"]];
pub(crate) const PIP: &[InstallCommand] = &[
    &["python3", "-m", "venv", ".venv"],
    &[".venv/bin/pip", "install", "--quiet", "-r", "adapters/servers/python/requirements.txt"],
];
const GO: &[InstallCommand] =
    &[&["go", "build", "-C", "adapters/servers/go", "-o", "bin/", "./..."]];
const MAVEN: &[InstallCommand] =
    &[&["mvn", "--quiet", "--file", "adapters/servers/java", "package"]];
const CARGO: &[InstallCommand] = &[&[
    "cargo",
    "build",
    "--release",
    "--locked",
    "--manifest-path",
    "adapters/servers/rust/Cargo.toml",
    "--target-dir",
    "adapters/servers/rust/target",
]];

/// All adapters of servers.
pub(crate) const SERVERS: &[Adapter] = &[
    Adapter {
        name: "plain-http",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/plain-http.mjs"],
    },
    Adapter {
        name: "plain-express",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/plain-express.mjs"],
    },
    Adapter {
        name: "better-sse",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/better-sse.mjs"],
    },
    Adapter {
        name: "express-sse",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/express-sse.mjs"],
    },
    Adapter {
        name: "fastify-sse",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/fastify-sse.mjs"],
    },
    Adapter {
        name: "fastify-sse-v2",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/fastify-sse-v2.mjs"],
    },
    Adapter { name: "h3", install: NPM, subject: &["--exec", "node adapters/servers/node/h3.mjs"] },
    Adapter {
        name: "hono",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/hono.mjs"],
    },
    Adapter {
        name: "nestjs",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/nestjs.mjs"],
    },
    Adapter {
        name: "sse-channel",
        install: NPM,
        subject: &["--exec", "node adapters/servers/node/sse-channel.mjs"],
    },
    Adapter {
        name: "sse-starlette",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/sse-starlette.py"],
    },
    Adapter {
        name: "fastapi-sse",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/fastapi-sse.py"],
    },
    Adapter {
        name: "litestar-sse",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/litestar-sse.py"],
    },
    Adapter {
        name: "aiohttp-sse",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/aiohttp-sse.py"],
    },
    Adapter {
        name: "plain-flask",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/plain-flask.py"],
    },
    Adapter {
        name: "plain-django",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/plain-django.py"],
    },
    Adapter {
        name: "plain-quart",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/servers/python/plain-quart.py"],
    },
    Adapter {
        name: "net-http",
        install: GO,
        subject: &["--exec", "adapters/servers/go/bin/net-http"],
    },
    Adapter { name: "gin", install: GO, subject: &["--exec", "adapters/servers/go/bin/gin"] },
    Adapter { name: "go-sse", install: GO, subject: &["--exec", "adapters/servers/go/bin/go-sse"] },
    Adapter {
        name: "launchdarkly-eventsource",
        install: GO,
        subject: &["--exec", "adapters/servers/go/bin/launchdarkly-eventsource"],
    },
    Adapter {
        name: "r3labs-sse",
        install: GO,
        subject: &["--exec", "adapters/servers/go/bin/r3labs-sse"],
    },
    Adapter {
        name: "spring-webmvc",
        install: MAVEN,
        subject: &[
            "--exec",
            "java -XX:+UseSerialGC -Xmn16m -jar adapters/servers/java/spring-webmvc/target/spring-webmvc-server-adapter.jar",
        ],
    },
    Adapter {
        name: "spring-webflux",
        install: MAVEN,
        subject: &[
            "--exec",
            "java -XX:+UseSerialGC -Xmn16m -jar adapters/servers/java/spring-webflux/target/spring-webflux-server-adapter.jar",
        ],
    },
    Adapter {
        name: "javalin",
        install: MAVEN,
        subject: &[
            "--exec",
            "java -XX:+UseSerialGC -Xmn16m -jar adapters/servers/java/javalin/target/javalin-server-adapter.jar",
        ],
    },
    Adapter {
        name: "jersey",
        install: MAVEN,
        subject: &[
            "--exec",
            "java -XX:+UseSerialGC -Xmn16m -jar adapters/servers/java/jersey/target/jersey-server-adapter.jar",
        ],
    },
    Adapter {
        name: "axum",
        install: CARGO,
        subject: &["--exec", "adapters/servers/rust/target/release/ssespec-server-adapter-axum"],
    },
    Adapter {
        name: "actix-web-lab",
        install: CARGO,
        subject: &[
            "--exec",
            "adapters/servers/rust/target/release/ssespec-server-adapter-actix-web-lab",
        ],
    },
    Adapter {
        name: "warp",
        install: CARGO,
        subject: &["--exec", "adapters/servers/rust/target/release/ssespec-server-adapter-warp"],
    },
    Adapter {
        name: "poem",
        install: CARGO,
        subject: &["--exec", "adapters/servers/rust/target/release/ssespec-server-adapter-poem"],
    },
    Adapter {
        name: "salvo",
        install: CARGO,
        subject: &["--exec", "adapters/servers/rust/target/release/ssespec-server-adapter-salvo"],
    },
    Adapter {
        name: "rocket",
        install: CARGO,
        subject: &["--exec", "adapters/servers/rust/target/release/ssespec-server-adapter-rocket"],
    },
];
