//! Runs in lock-step: the built-in server sends when all streams have what it sent before.

use std::io::{self, Read as _, Write as _};

use super::Reactor;

/// The control connection of a run in lock-step.
pub(super) struct Steps {
    socket: std::net::TcpStream,
    /// The events that complete the step under way.
    complete: u64,
}

impl Reactor {
    /// Asks for the next events, when all streams have the last.
    pub(super) fn step(&mut self, batch: u64) -> io::Result<()> {
        let seen = self.told_events + self.tally.traffic.events;
        let round = self.plan.own_streams() * batch;
        match &mut self.steps {
            Some(steps) if seen >= steps.complete => {
                steps.complete += round;
                steps.socket.write_all(b".")
            }
            None if self.open as u64 == self.plan.own_streams() => {
                let target = self.plan.targets.first().ok_or(io::ErrorKind::NotFound)?;
                let mut socket = std::net::TcpStream::connect(target)?;
                socket.set_nodelay(true)?;
                socket.write_all(b"GET /load/step HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
                // The answer tells that bytes from here on are steps.
                socket.read_exact(&mut [0; 12])?;
                socket.write_all(b".")?;
                self.steps = Some(Steps { socket, complete: round });
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
