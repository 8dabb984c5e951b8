//! Times the parser beside its peers and writes `reports/bench/parser.md`.
#![expect(clippy::print_stderr, reason = "progress is for the person who runs the bench")]

mod peers;
mod report;
mod streams;
mod timing;
#[path = "../../tests/common/vectors.rs"]
mod vectors;

use std::env;

/// `cargo bench -p ssespec-parser`: everything. `-- NAME...`: only these parsers, and no report
/// file.
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let correct = timing::check_all();
    let streams = streams::generate(timing::STREAM_BYTES);
    let mut tables = Vec::new();
    for chunk in [16 << 10, 64] {
        for stream in &streams {
            eprintln!("{} in chunks of {chunk} bytes", stream.title);
            tables.push(timing::time(stream, chunk, &arguments));
        }
    }
    let page = report::render(&streams, &correct, &tables).map_err(std::io::Error::other)?;
    if arguments.is_empty() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../reports/bench/parser.md");
        if let Some(folder) = std::path::Path::new(path).parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, &page)?;
    }
    eprintln!("{page}");
    Ok(())
}
