//! How much memory this process takes.

/// The memory of this process that no file stands behind, in bytes; 0 where it cannot be told.
pub(crate) fn own_bytes() -> u64 {
    status("RssAnon:")
}

/// The memory of this machine that can be had, in bytes; `None` where it cannot be told.
pub(crate) fn available_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    kibibytes(&text, "MemAvailable:")
}

/// The memory of this machine, in bytes; `None` where it cannot be told.
pub(crate) fn all_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    kibibytes(&text, "MemTotal:")
}

fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    kibibytes(&text, name).unwrap_or(0)
}

fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|count| count * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        assert_eq!(kibibytes("A:\t12 kB\nRssAnon:\t   3 kB\n", "RssAnon:"), Some(3072));
        assert_eq!(kibibytes("A:\t12 kB\n", "B:"), None);
    }
}
