//! The loop of a worker: one thread, one poll, one read buffer for all streams.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::{Events, Poll, Token, Waker};

use crate::alarm::Alarm;
use crate::arrivals::Arrivals;
use crate::chance::Chance;
use crate::clock;
use crate::end::End;
use crate::http2::Mux;
use crate::latency::Metric;
use crate::leaves::{How, Leave, Leaves};
use crate::memory;
use crate::pause::Pause;
use crate::plan::Plan;
use crate::publish::{Publishers, Window};
use crate::starts::{Start, Starts};
use crate::stream::Stream;
use crate::tally::Tally;

mod leaving;
mod multiplexed;
mod slow;
mod steps;
mod turns;

use self::slow::Slow;
use self::steps::Steps;

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
    /// The connections, where streams share them.
    mux: Option<Mux>,
    /// Streams that have not been read empty.
    unread: Vec<usize>,
    tally: Box<Tally>,
    /// Streams on the way, and streams that are open.
    opening: usize,
    open: usize,
    /// How many there may be at once.
    room: usize,
    tick_ns: u64,
    memory_before_bytes: u64,
    memory_peak_bytes: u64,
    /// Streams that come back: when, and which, by place and number.
    away: BinaryHeap<Reverse<(u64, usize, u64)>>,
    starts: Starts,
    leaves: Leaves,
    /// When streams of these numbers are no longer wanted, where they may leave earlier.
    untils: BTreeMap<u64, u64>,
    /// Places of streams that are over.
    free: Vec<usize>,
    chance: Chance,
    slow: Slow,
    steps: Option<Steps>,
    /// Events that were handed over.
    told_events: u64,
    pause: Pause,
}

impl Reactor {
    /// A reactor that has not begun.
    pub(crate) fn new(mut plan: Plan) -> io::Result<Self> {
        if let Some(tls) = &plan.tls {
            plan.prepared_tls = tls.prepare().map_err(io::Error::other)?;
        }
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
            starts: Starts::new(&plan),
            leaves: Leaves::default(),
            untils: BTreeMap::new(),
            free: Vec::new(),
            chance: Chance::new(!plan.worker),
            streams: Vec::with_capacity(own),
            mux: plan.http2.map(Mux::new),
            unread: Vec::new(),
            opening: 0,
            open: 0,
            room: own,
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
            slow: Slow::default(),
            steps: None,
            told_events: 0,
            pause: Pause::default(),
        })
    }

    /// What ends it early.
    pub(crate) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    fn start_publishers(&self, end_ns: u64) -> io::Result<Option<Publishers>> {
        let plan = &self.plan;
        // Where streams are held, all are there before the first message.
        let ramp_ns = if plan.arrivals == Arrivals::Held { plan.ramp_ns } else { 0 };
        let window = Window {
            from_ns: plan.go_ns.saturating_add(ramp_ns),
            until_ns: end_ns,
            wall_ns: plan.wall_ns,
            timeout_ns: plan.timeout_ns,
        };
        let start = |publish| Publishers::start(publish, plan.worker, plan.workers, window);
        plan.publish.as_ref().map(start).transpose()
    }

    /// Runs the plan from this instant on.
    pub(crate) fn run(mut self, go_ns: u64, sink: &mut dyn Sink) -> io::Result<()> {
        self.plan.go_ns = go_ns;
        self.plan.wall_ns = clock::wall_ns();
        self.plan.storms.sort_unstable_by_key(|storm| Reverse(storm.at_ns));
        let mut events = Events::with_capacity(1024);
        let end_ns = go_ns.saturating_add(self.plan.ramp_ns).saturating_add(self.plan.hold_ns);
        let publishers = self.start_publishers(end_ns)?;
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
                if let Some(publishers) = &publishers {
                    publishers.drain(&mut self.tally);
                }
                self.account(&mut cpu_ns, &mut wall_ns);
                self.hand_over(index, sink);
            }
            let held_ns = self.pause.held_ns(self.is_paused(), now);
            let end_ns = end_ns.saturating_add(held_ns);
            if now >= end_ns {
                break;
            }
            let leave_ns = self.let_leave(go_ns);
            let start_ns = self.start_streams(go_ns.saturating_add(held_ns));
            let back_ns = self.take_back();
            let storm_ns = self.drop_streams(go_ns);
            let slow_ns = self.read_slowly();
            let wake_ns = [slow_ns, leave_ns, start_ns, back_ns, storm_ns, tick_ns, interval_ns]
                .into_iter()
                .fold(end_ns, u64::min);
            self.run_links();
            let wait = if self.is_idle() { self.alarm.wait_until(wake_ns) } else { Duration::ZERO };
            self.turn(&mut events, wait)?;
            if let Some(batch) = self.plan.lock_step {
                self.step(batch)?;
            }
            if self.is_over() {
                break;
            }
        }
        if let Some(publishers) = publishers {
            publishers.finish(&mut self.tally);
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
        none_left && self.starts.peek().is_none()
    }

    /// Whether there is room for one more stream.
    fn has_room(&self) -> bool {
        self.open + self.opening + self.away.len() < self.room
    }

    /// Whether the ramp stands still: one that is over cannot.
    fn is_paused(&self) -> bool {
        self.stopper.is_paused() && (self.streams.len() as u64) < self.plan.own_streams()
    }

    /// Starts the streams that are due, and says when the next one is.
    fn start_streams(&mut self, go_ns: u64) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let Some(next) = self.starts.peek().filter(|_| !self.stopper.is_paused()) else {
                return u64::MAX;
            };
            let now = clock::now_ns();
            let intended_ns = match next.after_ns {
                Some(after_ns) => go_ns.saturating_add(after_ns),
                None if self.opening >= STARTS_AT_ONCE => return u64::MAX,
                None => now.max(go_ns),
            };
            if intended_ns > now {
                return intended_ns;
            }
            let number = self.starts.take(&self.plan);
            if !self.has_room() {
                self.tally.streams.skipped += 1;
                continue;
            }
            let late_ns = now - intended_ns;
            self.tally.latencies.record_ns(Metric::StartLag, late_ns);
            self.tally.health.late_starts += u64::from(late_ns > LATE_START_NS);
            let until_ns = next.until_ns.map(|after_ns| go_ns.saturating_add(after_ns));
            self.start(number, intended_ns, until_ns);
        }
        // More may be due: sockets first, but without a pause.
        0
    }

    fn start(&mut self, number: u64, intended_ns: u64, until_ns: Option<u64>) {
        let stream = Stream::start(number, intended_ns, &self.plan);
        self.tally.streams.started += 1;
        let index = self.free.pop().unwrap_or(self.streams.len());
        if let Some(at_ns) = until_ns {
            self.leaves.push(Leave { at_ns, index, number, how: How::Leave });
            if self.plan.lifetime.is_some() || self.plan.reading.is_talk() {
                self.untils.insert(number, at_ns);
            }
        }
        match self.streams.get_mut(index) {
            Some(place) => *place = stream,
            None => self.streams.push(stream),
        }
        self.dial(index);
    }

    /// Lets a stream connect.
    fn dial(&mut self, index: usize) {
        let Some(stream) = self.streams.get_mut(index) else {
            return;
        };
        let (plan, registry) = (&self.plan, self.poll.registry());
        let dialled = match &mut self.mux {
            None => stream.dial(plan, registry, Token(index)),
            Some(mux) => mux.enter(index, stream, plan, registry, &mut self.tally),
        };
        match dialled {
            Ok(()) => self.opening += 1,
            Err(end) => self.end(index, &end),
        }
    }

    /// Ends a stream for this reason; it may come back.
    fn end(&mut self, index: usize, end: &End) {
        if let Some(stream) = self.streams.get_mut(index) {
            stream.fail(end, &self.plan, &mut self.tally);
            if let Some(mux) = &mut self.mux {
                mux.leave(index, &mut self.tally);
            }
            match stream.back_ns(&self.plan) {
                Some(at_ns) => self.away.push(Reverse((at_ns, index, stream.number()))),
                None => self.free.push(index),
            }
            // Where so many answers are under way, the next one is asked for.
            if *end == End::Completed && !matches!(self.plan.arrivals, Arrivals::Rates { .. }) {
                let after_go = |at_ns: u64| at_ns.saturating_sub(self.plan.go_ns);
                let until_ns = self.untils.remove(&stream.number()).map(after_go);
                let after_ns = Some(after_go(clock::now_ns()));
                self.starts.replace(Start { after_ns, until_ns });
            }
        }
    }

    /// Lets streams come back whose time has come, and says when the next one does.
    fn take_back(&mut self) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let Some(&Reverse((at_ns, index, number))) = self.away.peek() else {
                return u64::MAX;
            };
            if at_ns > clock::now_ns() {
                return at_ns;
            }
            self.away.pop();
            let Some(stream) = self.streams.get_mut(index) else {
                continue;
            };
            // It may have left, and another one have its place.
            if stream.number() != number || !stream.is_away() {
                continue;
            }
            stream.restart(at_ns);
            self.tally.streams.started += 1;
            self.dial(index);
        }
        0
    }

    fn account(&mut self, cpu_ns: &mut u64, wall_ns: &mut u64) {
        let (cpu, wall) = (clock::cpu_ns(), clock::now_ns());
        self.tally.health.cpu_us += (cpu - *cpu_ns) / 1000;
        self.tally.health.wall_us += (wall - *wall_ns) / 1000;
        (*cpu_ns, *wall_ns) = (cpu, wall);
        self.memory_peak_bytes = self.memory_peak_bytes.max(memory::own_bytes());
    }

    fn hand_over(&mut self, index: u64, sink: &mut dyn Sink) {
        self.told_events += self.tally.traffic.events;
        sink.interval(index, self.open as u64, &mut self.tally);
    }
}
