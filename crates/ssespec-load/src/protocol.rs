//! What a coordinator and its workers say to each other: one JSON object a line.
//!
//! A worker takes its plan, says that it is ready, waits for the start, reports once a second what
//! has come since its last report, and says when it is done. All reports add up, so that what a
//! worker has told is kept when it dies. A worker whose input ends stops at once.

use std::io::{self, BufRead, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::tally::Tally;

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// What a worker is told.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum ToWorker {
    /// First: what it is to do.
    Plan {
        /// Its share of the run.
        plan: Box<Plan>,
    },
    /// To begin.
    Go {
        /// At which instant, by [`now_ns`](crate::clock::now_ns).
        at_ns: u64,
    },
    /// To let the ramp stand still, or go on.
    Pause {
        /// Which.
        paused: bool,
    },
    /// To end before its time.
    Stop,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum FromWorker {
    /// It can begin.
    Ready {
        /// The version that it speaks.
        protocol: u32,
        /// Its process.
        pid: u32,
    },
    /// What has come since the last report.
    Interval {
        /// Which second of the run has ended, from 0.
        index: u64,
        /// Streams that are open.
        open: u64,
        /// What has come.
        tally: Box<Tally>,
    },
    /// It has reported all.
    Done,
    /// It cannot go on.
    Failed {
        /// Why.
        message: String,
    },
}

/// Writes one message.
///
/// # Errors
/// When the other side has gone.
pub fn write_message(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    output.write_all(&line)?;
    output.flush()
}

/// Reads one message; `None` at the end.
///
/// # Errors
/// When the line is not a message.
pub fn read_message<M: DeserializeOwned>(input: &mut impl BufRead) -> io::Result<Option<M>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}
