//! How much memory processes take.

use std::fs;

/// The resident memory of all processes of a group, in bytes; `None` where the system does not
/// tell, or the group has no process.
pub(super) fn of_group(group: u32) -> Option<u64> {
    let mut total = 0;
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(stat) = fs::read_to_string(entry.path().join("stat")).ok() else { continue };
        // The name of the command stands in parentheses and may hold anything.
        let Some((_, fields)) = stat.rsplit_once(')') else { continue };
        let member = fields.split_whitespace().nth(2).and_then(|it| it.parse().ok());
        if member == Some(group) {
            total += resident(&entry.path().join("statm").to_string_lossy()).unwrap_or_default();
        }
    }
    (total > 0).then_some(total)
}

/// The resident memory of this process, in bytes.
pub(super) fn of_this_process() -> Option<u64> {
    resident("/proc/self/statm")
}

fn resident(path: &str) -> Option<u64> {
    let statm = fs::read_to_string(path).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
