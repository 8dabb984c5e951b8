//! Real proxies, each started by a script of its own. Those that a distribution packages are
//! expected to be installed; the scripts say by which name they are called.

use super::adapter::{Adapter, InstallCommand};

const NPM: &[InstallCommand] =
    &[&["npm", "ci", "--prefix", "adapters/proxies/node", "--no-audit", "--no-fund"]];
const GO: &[InstallCommand] =
    &[&["go", "build", "-C", "adapters/proxies/go", "-o", "bin/", "./..."]];
const CADDY: &[InstallCommand] =
    &[&["go", "install", "github.com/caddyserver/caddy/v2/cmd/caddy@v2.10.2"]];

/// A proxy between the same two ports, one after the other.
macro_rules! proxy {
    ($name:literal, $install:expr, $start:literal) => {
        Adapter {
            name: $name,
            install: $install,
            subject: &[
                "--via",
                "http://127.0.0.1:8481",
                "--origin",
                "127.0.0.1:9481",
                "--start",
                $start,
            ],
        }
    };
}

/// All proxies.
pub(crate) const PROXIES: &[Adapter] = &[
    proxy!("nginx", &[], "adapters/proxies/nginx.sh"),
    proxy!("nginx-unbuffered", &[], "adapters/proxies/nginx-unbuffered.sh"),
    proxy!("haproxy", &[], "adapters/proxies/haproxy.sh"),
    proxy!("varnish", &[], "adapters/proxies/varnish.sh"),
    proxy!("varnish-pipe", &[], "adapters/proxies/varnish-pipe.sh"),
    proxy!("apache", &[], "adapters/proxies/apache.sh"),
    proxy!("apache-flushpackets", &[], "adapters/proxies/apache-flushpackets.sh"),
    proxy!("lighttpd", &[], "adapters/proxies/lighttpd.sh"),
    proxy!("nghttpx", &[], "adapters/proxies/nghttpx.sh"),
    proxy!("caddy", CADDY, "adapters/proxies/caddy.sh"),
    proxy!("go-reverse-proxy", GO, "adapters/proxies/go/bin/reverse-proxy"),
    proxy!("http-proxy", NPM, "node adapters/proxies/node/http-proxy.mjs"),
    proxy!("http-proxy-middleware", NPM, "node adapters/proxies/node/http-proxy-middleware.mjs"),
];
