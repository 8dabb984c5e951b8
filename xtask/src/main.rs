//! Chores of the workspace: `cargo xtask generate`, `interop`, `reports` and others.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

mod bench_load;
mod bench_peers;
mod bench_suite;
mod completions;
mod contract;
mod coverage;
mod generate;
mod interop;
mod load;
mod man;
mod mutants;
mod pages;
mod reports;
mod schemas;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask generate [--check]
           writes schemas, man pages, completions and tables; with --check only
           says which of them are stale
       cargo xtask interop clients|servers|proxies [--check] [NAME]...
           installs and runs the adapters, and writes reports/clients/, reports/servers/ or
           reports/proxies/; with --check judges them by NAME.known.toml there and writes nothing
       cargo run --release --package xtask -- load [--with PROGRAM] [NAME]...
           puts real servers and clients under load, and writes reports/load/; with another
           build of ssespec where one is named
       cargo xtask reports
           writes the pages and tables over the results in reports/
       cargo xtask check-pages [--shots DIR] [PAGE]...
           opens each kind of page, or those that are named, in a headless Chromium
           and tries it out; takes pictures of them where a directory is named
       cargo run --release --package xtask -- bench-suite
           times the whole suite, and writes reports/bench/suite.md
       cargo run --release --package xtask -- bench-reports [--with PROGRAM]
           times merging, opening and using the largest matrix, and writes
           reports/bench/reports.md; with another build of ssespec where one is named
       cargo run --release --package xtask -- bench-load [held] [fanout] [truth]
           measures the load engine, and writes reports/bench/load.md
       cargo xtask bench-peers SSESPEC LOCUST OHA
           puts other load generators, which have to be installed, and a release build of ssespec
           on the same streams, and writes reports/bench/peers.md
       cargo xtask ssespec ARGUMENTS...
           the ssespec command, as it is built into this program";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate"] => generate::write(),
        ["generate", "--check"] => generate::check(),
        ["interop", "clients", "--check", names @ ..] => interop::check(&interop::CLIENTS, names),
        ["interop", "clients", names @ ..] => interop::report(&interop::CLIENTS, names),
        ["interop", "servers", "--check", names @ ..] => interop::check(&interop::SERVERS, names),
        ["interop", "servers", names @ ..] => interop::report(&interop::SERVERS, names),
        ["interop", "proxies", "--check", names @ ..] => interop::check(&interop::PROXIES, names),
        ["interop", "proxies", names @ ..] => interop::report(&interop::PROXIES, names),
        ["load", "--with", program, names @ ..] => load::write(Some(Path::new(program)), names),
        ["load", names @ ..] => load::write(None, names),
        ["bench-load", names @ ..] => bench_load::write(names),
        ["bench-peers", ssespec, locust, oha] => {
            bench_peers::write(Path::new(ssespec), locust, oha)
        }
        ["bare-server", rest @ ..] => bench_load::bare_server(rest),
        ["bare-client", rest @ ..] => bench_load::bare_client(rest),
        ["reports"] => reports::write(),
        ["check-pages", "--shots", directory, names @ ..] => {
            pages::check(Some(Path::new(directory)), names)
        }
        ["check-pages", names @ ..] => pages::check(None, names),
        ["bench-reports"] => pages::bench(None),
        ["bench-reports", "--with", program] => pages::bench(Some(Path::new(program))),
        ["bench-suite"] => bench_suite::write(),
        // `load` starts this program again for its workers.
        ["load-worker" | "load-server" | "load-null-adapter"] => {
            return ssespec::run(std::env::args_os());
        }
        ["ssespec", ..] => return ssespec::run(std::env::args_os().skip(1)),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
