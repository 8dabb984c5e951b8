//! The loop of a worker: one thread, one poll, one read buffer for all streams.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::{Events, Poll, Token, Waker};

use crate::alarm::Alarm;
use crate::clock;
use crate::end::End;
use crate::latency::Metric;
use crate::memory;
use crate::pause::Pause;
use crate::plan::{Plan, Storm};
use crate::stream::{Stream, Turn};
use crate::tally::Tally;

/// The read buffer that all streams share.
const BUFFER_BYTES: usize = 64 * 1024;
/// How often a worker tells what it has seen.
pub const INTERVAL_NS: u64 = 1_000_000_000;
/// Streams that are started before sockets have their turn.
const STARTS_A_TURN: usize = 32;
/// Streams that are on their way at once where there is no ramp.
const STARTS_AT_ONCE: usize = 256;
/// A start later than this is counted.
const LATE_START_NS: u64 = 10_000_000;
/// How long what has arrived is still read at the end.
const DRAIN_NS: u64 = 200_000_000;

const ALARM: Token = Token(usize::MAX);
const WAKER: Token = Token(usize::MAX - 1);

/// Asks a reactor to end, from any thread.
#[derive(Debug, Clone)]
pub(crate) struct Stopper {
    asked: Arc<AtomicBool>,
    paused: Arc<AtomicBool>,
    waker: Arc<Waker>,
}

impl Stopper {
    /// Nobody has asked yet.
    pub(crate) fn new(waker: Waker) -> Self {
        Self { asked: Arc::default(), paused: Arc::default(), waker: Arc::new(waker) }
    }

    /// Whether somebody has asked.
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Lets the ramp stand still, or go on.
    pub(crate) fn pause(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
        let _ = self.waker.wake();
    }

    /// Whether the ramp is to stand still.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Asks it.
    pub(crate) fn stop(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // A reactor that cannot be woken sees it at its next tick.
        let _ = self.waker.wake();
    }
}

/// What a reactor hands over each second, and at its end.
pub(crate) trait Sink {
    /// Takes what was seen since the last time, and leaves an empty tally for the time to come.
    fn interval(&mut self, index: u64, open: u64, tally: &mut Box<Tally>);
}

/// All streams of a worker.
pub(crate) struct Reactor {
    plan: Plan,
    poll: Poll,
    alarm: Alarm,
    stopper: Stopper,
    buffer: Vec<u8>,
    streams: Vec<Stream>,
    /// Streams that have not been read empty.
    unread: Vec<usize>,
    tally: Box<Tally>,
    /// Streams on the way, and streams that are open.
    opening: usize,
    open: usize,
    tick_ns: u64,
    memory_before_bytes: u64,
    memory_peak_bytes: u64,
    /// Streams that come back: when, and which.
    away: BinaryHeap<Reverse<(u64, usize)>>,
    steps: Option<Steps>,
    /// Events that were handed over.
    told_events: u64,
    pause: Pause,
}

/// The control connection of a run in lock-step.
struct Steps {
    socket: std::net::TcpStream,
    /// The events that complete the step under way.
    complete: u64,
}

impl Reactor {
    /// A reactor that has not begun.
    pub(crate) fn new(plan: Plan) -> io::Result<Self> {
        let poll = Poll::new()?;
        let alarm = Alarm::new(poll.registry(), ALARM)?;
        let stopper = Stopper::new(Waker::new(poll.registry(), WAKER)?);
        // Many workers on few processors would spend their time on ticks.
        let tick_ns = if plan.workers > 8 { 50_000_000 } else { 10_000_000 };
        let tally = Box::new(Tally::resident());
        let buffer = vec![0; BUFFER_BYTES];
        let memory_before_bytes = memory::own_bytes();
        let own = usize::try_from(plan.own_streams()).unwrap_or(usize::MAX);
        Ok(Self {
            streams: Vec::with_capacity(own),
            unread: Vec::new(),
            opening: 0,
            open: 0,
            memory_peak_bytes: memory_before_bytes,
            plan,
            poll,
            alarm,
            stopper,
            buffer,
            tally,
            tick_ns,
            memory_before_bytes,
            away: BinaryHeap::new(),
            steps: None,
            told_events: 0,
            pause: Pause::default(),
        })
    }

    /// What ends it early.
    pub(crate) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Runs the plan from this instant on.
    pub(crate) fn run(mut self, go_ns: u64, sink: &mut dyn Sink) -> io::Result<()> {
        self.plan.go_ns = go_ns;
        self.plan.storms.sort_unstable_by_key(|storm| Reverse(storm.at_ns));
        let mut events = Events::with_capacity(1024);
        let end_ns = go_ns.saturating_add(self.plan.ramp_ns).saturating_add(self.plan.hold_ns);
        let mut tick_ns = clock::now_ns().max(go_ns) + self.tick_ns;
        let mut interval_ns = go_ns + INTERVAL_NS;
        let mut cpu_ns = clock::cpu_ns();
        let mut wall_ns = clock::now_ns();
        while !self.stopper.is_asked() {
            let now = clock::now_ns();
            while tick_ns <= now {
                self.tally.latencies.record_ns(Metric::LoopLag, now - tick_ns);
                tick_ns += self.tick_ns;
            }
            if now >= interval_ns {
                let index = (now - go_ns) / INTERVAL_NS - 1;
                interval_ns = go_ns + (index + 2) * INTERVAL_NS;
                self.expire(now);
                self.account(&mut cpu_ns, &mut wall_ns);
                self.hand_over(index, sink);
            }
            let held_ns = self.pause.held_ns(self.is_paused(), now);
            let end_ns = end_ns.saturating_add(held_ns);
            if now >= end_ns {
                break;
            }
            let start_ns = self.start_streams(go_ns.saturating_add(held_ns));
            let back_ns = self.take_back();
            let storm_ns = self.drop_streams(go_ns);
            let wake_ns =
                start_ns.min(back_ns).min(storm_ns).min(tick_ns).min(interval_ns).min(end_ns);
            let wait = if self.unread.is_empty() {
                self.alarm.wait_until(wake_ns)
            } else {
                Duration::ZERO
            };
            self.turn(&mut events, wait)?;
            if let Some(batch) = self.plan.lock_step {
                self.step(batch)?;
            }
            if self.is_over() {
                break;
            }
        }
        self.drain(&mut events)?;
        for stream in &mut self.streams {
            stream.finish(&self.plan, &mut self.tally);
        }
        self.account(&mut cpu_ns, &mut wall_ns);
        self.tally.health.memory_before_bytes = self.memory_before_bytes;
        self.tally.health.memory_peak_bytes = self.memory_peak_bytes;
        let index = clock::now_ns().saturating_sub(go_ns) / INTERVAL_NS;
        self.hand_over(index, sink);
        Ok(())
    }

    /// Whether all streams were started and none is left, so that there is nothing to hold.
    fn is_over(&self) -> bool {
        let none_left = self.opening == 0 && self.open == 0 && self.away.is_empty();
        none_left && self.streams.len() as u64 >= self.plan.own_streams()
    }

    /// Whether the ramp stands still: one that is over cannot.
    fn is_paused(&self) -> bool {
        self.stopper.is_paused() && (self.streams.len() as u64) < self.plan.own_streams()
    }

    /// Starts the streams that are due, and says when the next one is.
    fn start_streams(&mut self, go_ns: u64) -> u64 {
        let own = self.plan.own_streams();
        for _ in 0..STARTS_A_TURN {
            let next = self.streams.len() as u64;
            if next >= own || self.stopper.is_paused() {
                return u64::MAX;
            }
            let number = self.plan.number(next);
            let now = clock::now_ns();
            let intended_ns = match self.plan.start_ns(number) {
                Some(after_ns) => go_ns.saturating_add(after_ns),
                None if self.opening >= STARTS_AT_ONCE => return u64::MAX,
                None => now.max(go_ns),
            };
            if intended_ns > now {
                return intended_ns;
            }
            let late_ns = now - intended_ns;
            self.tally.latencies.record_ns(Metric::StartLag, late_ns);
            self.tally.health.late_starts += u64::from(late_ns > LATE_START_NS);
            self.start(number, intended_ns);
        }
        // More may be due: sockets first, but without a pause.
        0
    }

    fn start(&mut self, number: u64, intended_ns: u64) {
        let mut stream = Stream::start(number, intended_ns, &self.plan);
        self.tally.streams.started += 1;
        let token = Token(self.streams.len());
        match stream.dial(&self.plan, self.poll.registry(), token) {
            Ok(()) => self.opening += 1,
            Err(end) => stream.fail(&end, &self.plan, &mut self.tally),
        }
        let back_ns = stream.back_ns(&self.plan);
        self.away.extend(back_ns.map(|at_ns| Reverse((at_ns, token.0))));
        self.streams.push(stream);
    }

    /// Lets streams come back whose time has come, and says when the next one does.
    fn take_back(&mut self) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let Some(&Reverse((at_ns, index))) = self.away.peek() else {
                return u64::MAX;
            };
            if at_ns > clock::now_ns() {
                return at_ns;
            }
            self.away.pop();
            let Some(stream) = self.streams.get_mut(index) else {
                continue;
            };
            stream.restart(at_ns);
            self.tally.streams.started += 1;
            match stream.dial(&self.plan, self.poll.registry(), Token(index)) {
                Ok(()) => self.opening += 1,
                Err(end) => {
                    stream.fail(&end, &self.plan, &mut self.tally);
                    let back_ns = stream.back_ns(&self.plan);
                    self.away.extend(back_ns.map(|at_ns| Reverse((at_ns, index))));
                }
            }
        }
        0
    }

    /// Drops the streams that the plan drops by now, and says when it drops the next.
    fn drop_streams(&mut self, go_ns: u64) -> u64 {
        let due = |storm: &Storm| go_ns.saturating_add(storm.at_ns);
        while let Some(next) = self.plan.storms.last().copied() {
            if due(&next) > clock::now_ns() {
                return due(&next);
            }
            self.plan.storms.pop();
            for (index, stream) in self.streams.iter_mut().enumerate() {
                if stream.is_open() && next.takes(stream.number()) {
                    stream.fail(&End::Dropped, &self.plan, &mut self.tally);
                    self.open -= 1;
                    let back_ns = stream.back_ns(&self.plan);
                    self.away.extend(back_ns.map(|at_ns| Reverse((at_ns, index))));
                }
            }
        }
        u64::MAX
    }

    /// Waits, and serves every socket that has something.
    fn turn(&mut self, events: &mut Events, wait: Duration) -> io::Result<()> {
        match self.poll.poll(events, Some(wait)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for index in std::mem::take(&mut self.unread) {
            self.serve(index, false, true, true);
        }
        for event in events.iter() {
            if event.token() == ALARM || event.token() == WAKER {
                continue;
            }
            let closed = event.is_read_closed() || event.is_error();
            let readable = event.is_readable() || closed;
            self.serve(event.token().0, event.is_writable() || closed, readable, closed);
        }
        Ok(())
    }

    fn serve(&mut self, index: usize, writable: bool, readable: bool, closed: bool) {
        let Some(stream) = self.streams.get_mut(index) else {
            return;
        };
        let (was_opening, was_open) = (stream.is_opening(), stream.is_open());
        let mut done = Ok(Turn::Empty);
        if writable && was_opening {
            done = stream.write(&self.plan, &mut self.tally).map(|()| Turn::Empty);
        }
        if readable && done.is_ok() {
            done = stream.read(closed, &mut self.buffer, &self.plan, &mut self.tally);
        }
        match done {
            Ok(Turn::Empty) => {}
            Ok(Turn::More) => self.unread.push(index),
            Err(end) => {
                stream.fail(&end, &self.plan, &mut self.tally);
                let back_ns = stream.back_ns(&self.plan);
                self.away.extend(back_ns.map(|at_ns| Reverse((at_ns, index))));
            }
        }
        self.opening -= usize::from(was_opening && !stream.is_opening());
        self.open += usize::from(!was_open && stream.is_open());
        self.open -= usize::from(was_open && !stream.is_open());
    }

    /// Gives up streams that do not come about.
    fn expire(&mut self, now: u64) {
        if self.opening == 0 {
            return;
        }
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let late = now.saturating_sub(stream.started_ns()) > self.plan.timeout_ns;
            if late && stream.is_opening() {
                let end = stream.overdue();
                stream.fail(&end, &self.plan, &mut self.tally);
                let back_ns = stream.back_ns(&self.plan);
                self.away.extend(back_ns.map(|at_ns| Reverse((at_ns, index))));
                self.opening -= 1;
            }
        }
    }

    /// Reads what has come by now, so that nothing that was delivered counts as lost.
    fn drain(&mut self, events: &mut Events) -> io::Result<()> {
        let until_ns = clock::now_ns() + DRAIN_NS;
        while clock::now_ns() < until_ns {
            self.turn(events, Duration::ZERO)?;
            if events.is_empty() && self.unread.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn account(&mut self, cpu_ns: &mut u64, wall_ns: &mut u64) {
        let (cpu, wall) = (clock::cpu_ns(), clock::now_ns());
        self.tally.health.cpu_us += (cpu - *cpu_ns) / 1000;
        self.tally.health.wall_us += (wall - *wall_ns) / 1000;
        (*cpu_ns, *wall_ns) = (cpu, wall);
        self.memory_peak_bytes = self.memory_peak_bytes.max(memory::own_bytes());
    }

    /// Asks for the next events, when all streams have the last.
    fn step(&mut self, batch: u64) -> io::Result<()> {
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

    fn hand_over(&mut self, index: u64, sink: &mut dyn Sink) {
        self.told_events += self.tally.traffic.events;
        sink.interval(index, self.open as u64, &mut self.tally);
    }
}
