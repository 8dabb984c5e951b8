//! How many files and sockets this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the soft limit to the hard one. Processes that are started later inherit it.
pub fn allow_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where the system refuses, what was allowed before stays so.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// The soft limit; `u64::MAX` where there is none.
pub fn open_files_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_never_falls() {
        let before = open_files_limit();
        allow_open_files();
        assert!(open_files_limit() >= before);
    }
}
