//! Other processes: are they there, have they gone.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::LIMIT;

/// Waits until something is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < LIMIT, "never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until a process has written its id into a file, whole.
#[track_caller]
pub(crate) fn pid_in(path: &Path) -> u32 {
    let mut pid = None;
    wait_until("a process writes its id", || {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        pid = text.strip_suffix('\n').and_then(|text| text.parse().ok());
        pid.is_some()
    });
    pid.unwrap()
}

/// Waits until a process has gone.
#[track_caller]
pub(crate) fn wait_for_end_of(pid: u32) {
    wait_until(&format!("the end of process {pid}"), || !is_alive(pid));
}

/// Whether a process runs; one that merely waits to be reaped does not.
fn is_alive(pid: u32) -> bool {
    if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // The state follows the name, which is in parentheses.
        let state = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next());
        return state.is_some_and(|state| !matches!(state, "Z" | "X"));
    }
    signal(pid, "0")
}

/// Sends a signal; whether there was a process to take it.
pub(crate) fn signal(pid: u32, signal: &str) -> bool {
    let mut kill = Command::new("sh");
    kill.args(["-c", &format!("kill -{signal} {pid}")]).stderr(Stdio::null());
    kill.status().unwrap().success()
}
