//! `docs/mutants.md`: which case catches which mutant.

use std::collections::BTreeMap;

use ssespec_scenario::{Catalogue, Role};

use crate::defect::{Defect, Place};
use crate::relay::RelayDefect;
use crate::server::ServerDefect;

/// Cases that no mutant proves, and why not.
pub const UNPROVEN: &[(&str, &str)] = &[];

/// Pairs that are not proven yet, or not every time, and what stands in the way.
pub const PENDING: &[(&str, Defect, &str)] = &[];

/// The ids of the built-in cases for a role that catch each mutant, by its name.
pub fn kills(role: Role) -> BTreeMap<String, Vec<String>> {
    let mut kills: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in Catalogue::builtin().only(role).cases() {
        for name in &case.kills {
            kills.entry(name.clone()).or_default().push(case.id.clone());
        }
    }
    kills
}

/// The text of `docs/mutants.md`.
pub fn table() -> String {
    let kills = kills(Role::Client);
    let cases = Catalogue::builtin().only(Role::Client).cases().len();
    let mut out = format!(
        "# Mutants\n\n\
         <!-- Generated from crates/ssespec-testkit and scenarios; do not edit. -->\n\n\
         A mutant is a correct client but for one defect. Each of the {cases} built-in cases for clients names \
         the mutants that it catches, and a test runs every one of them against every case that \
         names it: the case must fail, for what the client did and not because it broke. The same \
         client without a defect passes all cases; it shares no code with the reference client.\n\n\
         There are {} mutants. `ssespec-mutant --defect NAME` is one of them, as an adapter:\n\n\
         ```sh\n\
         cargo build -p ssespec-testkit\n\
         ssespec test client --exec 'target/debug/ssespec-mutant --defect bom-kept' --run 'bom/*'\n\
         ```\n\n\
         \"Read\" stands for what a client gets at once: one `feed`, or what one read of its socket \
         brings. \"Ends the stream\" means that the client reports a fatal error and closes.\n",
        Defect::ALL.len(),
    );
    for place in Place::ALL {
        out.push_str(&format!("\n## {}\n\n", place.title()));
        out.push_str("| mutant | what it does | caught by |\n|---|---|---|\n");
        for defect in Defect::ALL.iter().filter(|defect| defect.place() == place) {
            let cases = kills.get(defect.name()).map(Vec::as_slice).unwrap_or_default();
            let cases: Vec<String> = cases.iter().map(|id| format!("`{id}`")).collect();
            out.push_str(&format!(
                "| `{}` | {} | {} |\n",
                defect.name(),
                defect.description(),
                cases.join(" · ")
            ));
        }
    }
    out.push_str("\n## Cases that no mutant proves\n\n");
    if UNPROVEN.is_empty() {
        out.push_str("None.\n");
    }
    for (case, reason) in UNPROVEN {
        out.push_str(&format!("* `{case}`: {reason}\n"));
    }
    if !PENDING.is_empty() {
        out.push_str("\n## Pairs that are not proven yet\n\n");
    }
    for (case, defect, reason) in PENDING {
        out.push_str(&format!("* `{}` by `{case}`: {reason}\n", defect.name()));
    }
    servers(&mut out);
    proxies(&mut out);
    out
}

/// The part about proxies.
fn proxies(out: &mut String) {
    let kills = kills(Role::Proxy);
    let cases = Catalogue::builtin().only(Role::Proxy).cases().len();
    out.push_str(&format!(
        "\n## Proxies\n\n\
         A mutant proxy passes on whatever comes as it comes, but for one defect. Each of the {cases} \
         built-in cases for proxies that can fail names the mutants that it catches, and a test runs \
         them all. The same proxy without a defect passes all cases. There are {} of them: \
         `ssespec-mutant --proxy NAME` is one, between the addresses in `SSESPEC_VIA` and \
         `SSESPEC_ORIGIN`, as `ssespec test proxy --start` gives them.\n\n\
         | mutant | what it does | caught by |\n|---|---|---|\n",
        RelayDefect::ALL.len(),
    ));
    for defect in RelayDefect::ALL {
        row(out, &kills, defect.name(), defect.description());
    }
}

fn row(out: &mut String, kills: &BTreeMap<String, Vec<String>>, name: &str, text: &str) {
    let cases = kills.get(name).map(Vec::as_slice).unwrap_or_default();
    let cases: Vec<String> = cases.iter().map(|id| format!("`{id}`")).collect();
    out.push_str(&format!("| `{name}` | {text} | {} |\n", cases.join(" · ")));
}

/// The part about servers.
fn servers(out: &mut String) {
    let kills = kills(Role::Server);
    let cases = Catalogue::builtin().only(Role::Server).cases().len();
    out.push_str(&format!(
        "\n## Servers\n\n\
         A mutant server is a correct server but for one defect. Each of the {cases} built-in cases \
         for servers that can fail names the mutants that it catches, and a test runs them all. \
         The same server without a defect passes all cases; it shares no code with the reference \
         server. There are {} of them: `ssespec-mutant --server NAME` is one, and prints the URL of \
         its stream.\n\n| mutant | what it does | caught by |\n|---|---|---|\n",
        ServerDefect::ALL.len(),
    ));
    for defect in ServerDefect::ALL {
        row(out, &kills, defect.name(), defect.description());
    }
}
