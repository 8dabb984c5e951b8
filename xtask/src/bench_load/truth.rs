//! Whether what is reported is what was so: percentiles against arithmetic on the schedule.

use std::fmt::Write as _;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use ssespec_load::latency::Metric;
use ssespec_load::{LoadResult, clock, origin::Stall, summary::microseconds};

use super::{mark, run, stalling, workload};

const STREAMS: u64 = 100;
/// Events a second on each stream.
const RATE: u64 = 20;
/// So that each stream has its events at another time than all others: evenly, 0.5 ms apart. Over
/// two seconds there would be twenty due at any one time, each of which waits for those before it.
const RAMP: Duration = Duration::from_millis(2_050);
const HOLD: Duration = Duration::from_secs(28);
/// When everything stands still, after the start, and for how long.
const AT: Duration = Duration::from_secs(10);
const FOR: Duration = Duration::from_secs(1);

pub(crate) fn bench() -> Result<String, String> {
    let mut page = format!(
        "## Truth\n\n\
         {STREAMS} streams, {RATE} events a second on each, one every 0.5 ms, for {} s, and one \
         second in which \
         nothing moves. Expected is what arithmetic says: an event that was due in that second \
         waits for the rest of it, any other not at all. Reported is `lag`. Allowed: 1 % or 100 µs, \
         whichever is more.\n\n\
         | what stands still | | expected | reported | off by | | exit code |\n\
         |---|---|--:|--:|--:|---|--:|\n",
        (RAMP + HOLD).as_secs()
    );
    let target = format!("/load/stream?rate={RATE}");
    let asked = || workload(&target, STREAMS, RAMP, HOLD);
    let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let stall = Stall { at_ns: ns(AT), for_ns: ns(FOR) };
    eprintln!("  the server");
    let result = run(stalling(asked(), stall), &mut |_| {})?;
    push(&mut page, "the server (`--stall 1s@10s`)", &result, FOR.as_secs_f64());
    eprintln!("  the generator");
    let mut stopped_s = None;
    let result = run(asked(), &mut |progress| {
        if stopped_s.is_none() && progress.elapsed >= AT {
            stopped_s = progress.worker_pids.first().and_then(|pid| stop(*pid));
        }
    })?;
    let stopped_s = stopped_s.ok_or("the worker could not be stopped")?;
    push(&mut page, "the generator (SIGSTOP)", &result, stopped_s);
    page.push_str(
        "\nThe run whose generator stood still ends with exit code 6, not to be trusted: its \
         numbers are right, and the server is not to blame for them.\n",
    );
    Ok(page)
}

/// Stops a process for a second; for how long it was in fact.
fn stop(pid: u32) -> Option<f64> {
    let pid = Pid::from_raw(i32::try_from(pid).ok()?)?;
    kill_process(pid, Signal::STOP).ok()?;
    let stopped_ns = clock::now_ns();
    std::thread::sleep(FOR);
    kill_process(pid, Signal::CONT).ok()?;
    Some((clock::now_ns() - stopped_ns) as f64 / 1e9)
}

/// What the schedule says: of all the time in which events are due, that in which they wait.
///
/// The stall is one interval in which events are due evenly, so that of the lags beyond a quantile
/// the shortest is what is left of the stall when that share of all events has passed it.
fn expected_us(quantile: f64, events: f64, stall_s: f64) -> f64 {
    let rate = (STREAMS * RATE) as f64;
    let beyond_s = (1.0 - quantile) * events / rate;
    (stall_s - beyond_s).max(0.0) * 1e6
}

fn push(page: &mut String, what: &str, result: &LoadResult, stall_s: f64) {
    let Some(lag) = result.times(Metric::Lag) else {
        let _ = writeln!(page, "| {what} | | | nothing | | **missed** | |");
        return;
    };
    for (name, quantile, reported) in
        [("p50", 0.5, lag.p50_us), ("p99", 0.99, lag.p99_us), ("p99.9", 0.999, lag.p99_9_us)]
    {
        let expected = expected_us(quantile, lag.count as f64, stall_s);
        let off = (reported as f64 - expected).abs();
        let _ = writeln!(
            page,
            "| {what} | {name} | {} | {} | {} | {} | {} |",
            microseconds(super::held::rounded(expected)),
            microseconds(reported),
            microseconds(super::held::rounded(off)),
            mark(off <= (expected / 100.0).max(100.0)),
            result.outcome.exit_code
        );
    }
}
