//! How much memory processes take.

use std::fs;
use std::path::{Path, PathBuf};

use crate::starvation::processes;

/// The resident memory of all processes of a group, in bytes; `None` where the system does not
/// tell, or the group has no process.
pub(super) fn of_group(group: u32) -> Option<u64> {
    let resident = |process: &PathBuf| resident(&process.join("statm"));
    let total: u64 = processes(group).iter().filter_map(resident).sum();
    (total > 0).then_some(total)
}

/// The resident memory of this process, in bytes.
pub(super) fn of_this_process() -> Option<u64> {
    resident(Path::new("/proc/self/statm"))
}

fn resident(path: &Path) -> Option<u64> {
    let statm = fs::read_to_string(path).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}
