//! The adapters of clients.

use super::adapter::{Adapter, InstallCommand};

/// Cases that are not published for a named client: whoever keeps it hears of them first.
pub(crate) const UNPUBLISHED: &[&str] =
    &["redirect/authorization-stays-at-its-origin", "redirect/reconnection-after-another-origin"];

const NPM: &[InstallCommand] =
    &[&["npm", "ci", "--prefix", "adapters/node", "--no-audit", "--no-fund"]];
const NPM_FOR_PAGES: &[InstallCommand] =
    &[&["npm", "ci", "--prefix", "adapters/browser", "--no-audit", "--no-fund"]];
const PIP: &[InstallCommand] = &[
    &["python3", "-m", "venv", ".venv"],
    &[".venv/bin/pip", "install", "--quiet", "-r", "adapters/python/requirements.txt"],
];
const GO: &[InstallCommand] = &[&["go", "build", "-C", "adapters/go", "-o", "bin/", "./..."]];
const MAVEN: &[InstallCommand] = &[&["mvn", "--quiet", "--file", "adapters/java", "package"]];
const CARGO: &[InstallCommand] = &[&[
    "cargo",
    "build",
    "--release",
    "--locked",
    "--manifest-path",
    "adapters/rust/Cargo.toml",
    "--target-dir",
    "adapters/rust/target",
]];

/// All adapters of clients, and the browsers, which have to be installed already. Those that by
/// design reconnect where the standard says to fail are judged as `resilient`.
pub(crate) const CLIENTS: &[Adapter] = &[
    Adapter {
        name: "eventsource",
        install: NPM,
        subject: &["--exec", "node adapters/node/eventsource.mjs"],
    },
    Adapter {
        name: "eventsource-parser",
        install: NPM,
        subject: &["--exec", "node adapters/node/eventsource-parser.mjs"],
    },
    Adapter { name: "undici", install: NPM, subject: &["--exec", "node adapters/node/undici.mjs"] },
    Adapter {
        name: "fetch-event-source",
        install: NPM,
        subject: &["--profile", "resilient", "--exec", "node adapters/node/fetch-event-source.mjs"],
    },
    Adapter {
        name: "eventsource-client-js",
        install: NPM,
        subject: &["--profile", "resilient", "--exec", "node adapters/node/eventsource-client.mjs"],
    },
    Adapter {
        name: "launchdarkly-js",
        install: NPM,
        subject: &[
            "--profile",
            "resilient",
            "--exec",
            "node adapters/node/launchdarkly-eventsource.mjs",
        ],
    },
    Adapter {
        name: "event-source-polyfill",
        install: NPM,
        subject: &["--exec", "node adapters/node/event-source-polyfill.mjs"],
    },
    Adapter {
        name: "httpx-sse",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/python/httpx-sse.py"],
    },
    Adapter {
        name: "aiohttp-sse-client2",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/python/aiohttp-sse-client2.py"],
    },
    Adapter {
        name: "sseclient-py",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/python/sseclient-py.py"],
    },
    Adapter {
        name: "launchdarkly-python",
        install: PIP,
        subject: &[
            "--profile",
            "resilient",
            "--exec",
            ".venv/bin/python adapters/python/launchdarkly-eventsource.py",
        ],
    },
    Adapter {
        name: "anthropic-stream",
        install: PIP,
        subject: &["--exec", ".venv/bin/python adapters/python/anthropic-stream.py"],
    },
    Adapter { name: "go-sse", install: GO, subject: &["--exec", "adapters/go/bin/go-sse"] },
    Adapter {
        name: "launchdarkly-go",
        install: GO,
        subject: &["--profile", "resilient", "--exec", "adapters/go/bin/launchdarkly-eventsource"],
    },
    Adapter {
        name: "r3labs-sse",
        install: GO,
        subject: &["--profile", "resilient", "--exec", "adapters/go/bin/r3labs-sse"],
    },
    Adapter {
        name: "okhttp-sse",
        install: MAVEN,
        subject: &["--exec", "java -jar adapters/java/okhttp-sse/target/okhttp-sse-adapter.jar"],
    },
    Adapter {
        name: "okhttp-eventsource",
        install: MAVEN,
        subject: &[
            "--profile",
            "resilient",
            "--exec",
            "java -jar adapters/java/okhttp-eventsource/target/okhttp-eventsource-adapter.jar",
        ],
    },
    Adapter {
        name: "spring-webclient",
        install: MAVEN,
        subject: &[
            "--exec",
            "java -jar adapters/java/spring-webclient/target/spring-webclient-adapter.jar",
        ],
    },
    Adapter {
        name: "eventsource-client-rust",
        install: CARGO,
        subject: &[
            "--profile",
            "resilient",
            "--exec",
            "adapters/rust/target/release/ssespec-adapter-eventsource-client",
        ],
    },
    Adapter {
        name: "eventsource-stream",
        install: CARGO,
        subject: &["--exec", "adapters/rust/target/release/ssespec-adapter-eventsource-stream"],
    },
    Adapter {
        name: "reqwest-eventsource",
        install: CARGO,
        subject: &["--exec", "adapters/rust/target/release/ssespec-adapter-reqwest-eventsource"],
    },
    Adapter {
        name: "sse-core",
        install: CARGO,
        subject: &["--exec", "adapters/rust/target/release/ssespec-adapter-sse-core"],
    },
    Adapter {
        name: "sse-stream",
        install: CARGO,
        subject: &["--exec", "adapters/rust/target/release/ssespec-adapter-sse-stream"],
    },
    Adapter {
        name: "sseer",
        install: CARGO,
        subject: &[
            "--profile",
            "resilient",
            "--exec",
            "adapters/rust/target/release/ssespec-adapter-sseer",
        ],
    },
    Adapter { name: "chromium", install: &[], subject: &["--browser", "chromium"] },
    Adapter {
        name: "chromium-worker",
        install: &[],
        subject: &["--browser", "chromium", "--worker", "dedicated"],
    },
    Adapter { name: "firefox", install: &[], subject: &["--browser", "firefox"] },
    Adapter { name: "webkit", install: &[], subject: &["--browser", "webkit"] },
    Adapter {
        name: "sse.js",
        install: NPM_FOR_PAGES,
        subject: &[
            "--profile",
            "resilient",
            "--browser",
            "chromium",
            "--module",
            "adapters/browser/sse.js.mjs",
        ],
    },
    Adapter {
        name: "event-source-polyfill-in-chromium",
        install: NPM_FOR_PAGES,
        subject: &[
            "--browser",
            "chromium",
            "--module",
            "adapters/browser/event-source-polyfill.mjs",
        ],
    },
    Adapter {
        name: "fetch-event-source-in-chromium",
        install: NPM_FOR_PAGES,
        subject: &[
            "--profile",
            "resilient",
            "--browser",
            "chromium",
            "--module",
            "adapters/browser/fetch-event-source.mjs",
        ],
    },
];
