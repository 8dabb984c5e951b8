//! The page.

use crate::streams::Stream;
use crate::timing::{Correct, Table};

pub(crate) fn render(streams: &[Stream], correct: &[Correct], tables: &[Table]) -> String {
    use std::fmt::Write as _;
    let mut page = String::new();
    let _ = (streams.len(), correct.len());
    for (peer, c) in crate::peers::PEERS.iter().zip(correct) {
        let _ = writeln!(
            page,
            "{} {} {} {}/{} {:?}",
            peer.name,
            peer.version,
            peer.yields,
            c.passed,
            crate::vectors::VECTORS.len(),
            c.failed_rules
        );
    }
    for table in tables {
        let _ = writeln!(
            page,
            "\n## {} {} (newlines {:.1})",
            table.title, table.chunk_bytes, table.newlines_gigabytes_per_second
        );
        for row in &table.rows {
            let _ = writeln!(
                page,
                "{:30} {:.3} {} {}",
                row.name,
                row.gigabytes_per_second,
                row.complete,
                row.timed_bytes >> 10
            );
        }
    }
    page
}
