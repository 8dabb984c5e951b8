//! The built-in server in threads of this process, which others give its connections.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use super::control::Control;
use super::serve::{OriginPlan, Stall};
use super::server::Server;
use crate::clock;

/// What is published must reach all who listen, so these have the first thread to themselves.
const BROADCAST: &str = "/load/broadcast";

/// Servers, each in a thread of its own, until this is dropped.
#[derive(Debug)]
pub struct Threads {
    threads: Vec<(Control, JoinHandle<()>)>,
    turn: AtomicUsize,
}

impl Threads {
    /// Starts so many, at least one, that stand still at these times after now.
    ///
    /// # Errors
    /// When the system has no more descriptors or threads.
    pub fn start(count: usize, stalls: &[Stall]) -> io::Result<Self> {
        // It is not listened on.
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let plan = OriginPlan { listen, stalls: stalls.to_vec(), cuts: Vec::new() };
        let mut threads = Vec::new();
        for number in 0..count.max(1) {
            let (plan, (sender, receiver)) = (plan.clone(), mpsc::channel());
            let name = format!("load-{number}");
            // A server stays in the thread that makes it.
            let thread = thread::Builder::new().name(name).spawn(move || {
                let server = match Server::without_listener(&plan) {
                    Ok(server) => server,
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        return;
                    }
                };
                let _ = sender.send(Ok(server.control()));
                // A loop that cannot poll any more closes what it has.
                let _ = server.run();
            })?;
            let control = receiver.recv().unwrap_or_else(|_| Err(io::Error::other("it ended")))?;
            control.go(clock::now_ns());
            threads.push((control, thread));
        }
        Ok(Self { threads, turn: AtomicUsize::new(0) })
    }

    /// Gives one of them a connection that does not block, and whose first request, of which
    /// nothing has been read, is for something under `/load/`.
    pub fn take(&self, socket: TcpStream) {
        let mut head = [0; 32];
        let count = socket.peek(&mut head).unwrap_or_default();
        let head = String::from_utf8_lossy(head.get(..count).unwrap_or_default());
        let is_shared = head.split(' ').nth(1).is_some_and(|path| path.starts_with(BROADCAST));
        let turn = if is_shared { 0 } else { self.turn.fetch_add(1, Ordering::Relaxed) };
        if let Some((control, _)) = self.threads.get(turn % self.threads.len().max(1)) {
            control.give(socket);
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        for (control, thread) in self.threads.drain(..) {
            control.stop();
            let _ = thread.join();
        }
    }
}
