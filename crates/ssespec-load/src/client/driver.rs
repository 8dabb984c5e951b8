//! The loop of a worker that drives a client: one adapter, one poll, all streams of its share.

use std::io;
use std::time::Duration;

use mio::{Events, Poll, Token, Waker};

use super::ClientPlan;
use super::adapter::{Adapter, Came};
use super::message::{Hello, Lines, Message, Open, Report, read};
use super::report::ClientProcess;
use super::stream::{Held, Phase, Place};
use super::usage::Sampler;
use crate::alarm::Alarm;
use crate::clock;
use crate::latency::Metric;
use crate::pause::Pause;
use crate::plan::Plan;
use crate::reactor::{INTERVAL_NS, Sink, Stopper};
use crate::tally::Tally;

/// The buffer that lines are read into.
const BUFFER_BYTES: usize = 256 * 1024;
/// Reads before commands and ticks have their turn.
const READS_A_TURN: usize = 16;
/// Streams that are opened before reports have their turn.
const STARTS_A_TURN: usize = 32;
/// Streams that are on their way at once where there is no ramp.
const STARTS_AT_ONCE: usize = 256;
/// A start later than this is counted.
const LATE_START_NS: u64 = 10_000_000;
const TICK_NS: u64 = 10_000_000;
/// How long an adapter may take to say `hello`.
const HELLO_NS: u64 = 50_000_000_000;
/// How long what has been reported is still read at the end.
const DRAIN_NS: u64 = 500_000_000;

const ALARM: Token = Token(0);
const WAKER: Token = Token(1);
const INPUT: Token = Token(2);
const OUTPUT: Token = Token(3);

/// A client that is driven, and all its streams.
pub(crate) struct Driver {
    plan: Plan,
    client: ClientPlan,
    poll: Poll,
    alarm: Alarm,
    stopper: Stopper,
    adapter: Adapter,
    sampler: Sampler,
    process: ClientProcess,
    buffer: Vec<u8>,
    lines: Lines,
    streams: Vec<Held>,
    tally: Box<Tally>,
    /// Streams on the way, open, and lost but to come back.
    opening: usize,
    open: usize,
    away: usize,
    /// There may be more to read.
    unread: bool,
    pause: Pause,
}

impl Driver {
    /// Starts the adapter, and waits for its `hello`.
    ///
    /// # Errors
    /// Why it cannot be used, in words.
    pub(crate) fn start(plan: Plan, client: ClientPlan) -> Result<Self, String> {
        let made = || -> io::Result<_> {
            let poll = Poll::new()?;
            let alarm = Alarm::new(poll.registry(), ALARM)?;
            let waker = Waker::new(poll.registry(), WAKER)?;
            let adapter = Adapter::start(&client.command, poll.registry(), INPUT, OUTPUT)?;
            Ok((poll, alarm, waker, adapter))
        };
        let command = &client.command;
        let (mut poll, alarm, waker, mut adapter) =
            made().map_err(|error| format!("failed to start `{command}`: {error}"))?;
        let mut buffer = vec![0; BUFFER_BYTES];
        let hello = hello(&mut poll, &mut adapter, &mut buffer)
            .map_err(|error| format!("failed to use `{command}` as an adapter: {error}"))?;
        let sampler = Sampler::start(adapter.pid())
            .map_err(|error| format!("failed to start a thread: {error}"))?;
        let before = sampler.seen();
        let process = ClientProcess {
            process: plan.worker,
            pid: adapter.pid(),
            name: hello.name,
            version: hello.version,
            runtime: hello.runtime,
            processes: before.processes,
            rss_before_bytes: before.rss_bytes,
            cpu_before_us: before.cpu_us,
            ..ClientProcess::default()
        };
        Ok(Self {
            streams: Vec::new(),
            plan,
            client,
            poll,
            alarm,
            stopper: Stopper::new(waker),
            adapter,
            sampler,
            process,
            buffer,
            lines: Lines::default(),
            tally: Box::new(Tally::resident()),
            opening: 0,
            open: 0,
            away: 0,
            unread: false,
            pause: Pause::default(),
        })
    }

    /// What ends it early.
    pub(crate) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Drives the client from this instant on.
    ///
    /// # Errors
    /// What became of the adapter, where it did not last; all that it reported has been handed
    /// over.
    pub(crate) fn run(mut self, go_ns: u64, sink: &mut dyn Sink) -> Result<(), String> {
        self.plan.go_ns = go_ns;
        let mut cpu_ns = clock::cpu_ns();
        let mut wall_ns = clock::now_ns();
        let mut ran = self.turns(go_ns, sink, &mut cpu_ns, &mut wall_ns);
        if ran.is_ok() {
            ran = self.drain();
        }
        self.account(&mut cpu_ns, &mut wall_ns);
        let now = clock::now_ns();
        for stream in &mut self.streams {
            stream.finish(now, &mut self.tally);
        }
        let usage = self.sampler.look();
        self.process.rss_end_bytes = usage.rss_bytes;
        self.process.streams_at_end = self.open as u64;
        if let Err(how) = &ran {
            self.process.ended = Some(how.clone());
        }
        let index = now.saturating_sub(go_ns) / INTERVAL_NS;
        self.hand_over(index, sink);
        if ran.is_ok() {
            self.adapter.end();
        }
        ran
    }

    fn turns(
        &mut self,
        go_ns: u64,
        sink: &mut dyn Sink,
        cpu_ns: &mut u64,
        wall_ns: &mut u64,
    ) -> Result<(), String> {
        let end_ns = go_ns.saturating_add(self.plan.ramp_ns).saturating_add(self.plan.hold_ns);
        let mut tick_ns = clock::now_ns().max(go_ns) + TICK_NS;
        let mut interval_ns = go_ns + INTERVAL_NS;
        let mut events = Events::with_capacity(64);
        while !self.stopper.is_asked() {
            let now = clock::now_ns();
            while tick_ns <= now {
                self.tally.latencies.record_ns(Metric::LoopLag, now - tick_ns);
                tick_ns += TICK_NS;
            }
            if now >= interval_ns {
                let index = (now - go_ns) / INTERVAL_NS - 1;
                interval_ns = go_ns + (index + 2) * INTERVAL_NS;
                self.expire(now);
                self.account(cpu_ns, wall_ns);
                self.hand_over(index, sink);
            }
            let all_started = self.streams.len() as u64 >= self.plan.own_streams();
            let paused = self.stopper.is_paused() && !all_started;
            let held_ns = self.pause.held_ns(paused, now);
            let end_ns = end_ns.saturating_add(held_ns);
            if now >= end_ns {
                return Ok(());
            }
            let start_ns = self.start_streams(go_ns.saturating_add(held_ns));
            let wake_ns = start_ns.min(tick_ns).min(interval_ns).min(end_ns);
            let wait = if self.unread { Duration::ZERO } else { self.alarm.wait_until(wake_ns) };
            self.turn(&mut events, wait)?;
            if self.is_over() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether all streams were opened and none is left.
    fn is_over(&self) -> bool {
        let all = self.streams.len() as u64 >= self.plan.own_streams();
        all && self.opening + self.open + self.away == 0
    }

    /// Has the client open the streams that are due, and says when the next one is.
    fn start_streams(&mut self, go_ns: u64) -> u64 {
        for _ in 0..STARTS_A_TURN {
            let next = self.streams.len() as u64;
            if next >= self.plan.own_streams() || self.stopper.is_paused() {
                return u64::MAX;
            }
            let number = self.plan.number(next);
            let now = clock::now_ns();
            let intended_ns = match self.plan.start_ns(number) {
                Some(after_ns) => go_ns.saturating_add(after_ns),
                // One that does not read its commands gets no more of them.
                None if self.opening >= STARTS_AT_ONCE || !self.adapter.has_taken_all() => {
                    return u64::MAX;
                }
                None => now.max(go_ns),
            };
            if intended_ns > now {
                return intended_ns;
            }
            let late_ns = now - intended_ns;
            self.tally.latencies.record_ns(Metric::StartLag, late_ns);
            self.tally.health.late_starts += u64::from(late_ns > LATE_START_NS);
            self.start_stream(number, intended_ns);
        }
        0
    }

    fn start_stream(&mut self, number: u64, intended_ns: u64) {
        self.tally.streams.started += 1;
        if let Some(target) = self.plan.target(number) {
            let url = format!("http://{target}{}", self.client.target);
            // On the wire streams count from 1: 0 may be no number to an adapter.
            let open = Open::new(self.streams.len() as u64 + 1, &url, self.client.reconnect_ms);
            if let Ok(line) = serde_json::to_vec(&open) {
                self.adapter.say(&line);
            }
        }
        let stream = Held::start(number, intended_ns, clock::now_ns(), self.plan.ids);
        self.streams.push(stream);
        self.opening += 1;
    }

    /// Waits, and takes what the adapter says.
    fn turn(&mut self, events: &mut Events, wait: Duration) -> Result<(), String> {
        match self.poll.poll(events, Some(wait)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other.map_err(|error| format!("failed to poll: {error}"))?,
        }
        for event in events.iter() {
            match event.token() {
                INPUT => self.adapter.flush(),
                OUTPUT => self.unread = true,
                _ => {}
            }
        }
        for _ in 0..READS_A_TURN {
            if !self.unread {
                break;
            }
            self.unread = self.hear()?;
        }
        Ok(())
    }

    /// Reads once; whether there may be more.
    fn hear(&mut self) -> Result<bool, String> {
        let len = match self.adapter.read(&mut self.buffer) {
            Came::Bytes(len) => len,
            Came::Nothing => return Ok(false),
            Came::End => return Err(self.adapter.death()),
        };
        let now = clock::now_ns();
        self.tally.traffic.wire_bytes += len as u64;
        let Self {
            plan, client, buffer, lines, streams, tally, opening, open, away, process, ..
        } = self;
        let mut place = Place {
            plan,
            expects_losses: client.expects_losses,
            size_bytes: client.size_bytes,
            tally,
        };
        let bytes = buffer.get(..len).unwrap_or_default();
        let mut heard = |line: &[u8]| {
            let (stream, report) = match read(line)? {
                Message::Report(stream, report) => (stream, report),
                Message::Hello(_) => return Err("it said `hello` again".to_owned()),
            };
            let place_of = |stream: u64| usize::try_from(stream).ok()?.checked_sub(1);
            let held = place_of(stream).and_then(|index| streams.get_mut(index));
            let held =
                held.ok_or_else(|| format!("it reports on stream {stream}, which there is not"))?;
            process.events += u64::from(matches!(report, Report::Event { .. }));
            let before = held.phase();
            held.take(&report, now, &mut place);
            for (phase, change) in [(before, false), (held.phase(), true)] {
                let count = match phase {
                    Phase::Opening => &mut *opening,
                    Phase::Open => &mut *open,
                    Phase::Lost => &mut *away,
                    Phase::Failed | Phase::Over => continue,
                };
                if change { *count += 1 } else { *count -= 1 }
            }
            Ok(())
        };
        let taken = lines.take(bytes, &mut heard);
        self.process.streams_peak = self.process.streams_peak.max(self.open as u64);
        taken.map_err(|error| format!("it broke the protocol: {error}"))?;
        Ok(true)
    }

    /// Gives up streams that do not come about.
    fn expire(&mut self, now: u64) {
        if self.opening == 0 {
            return;
        }
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let late = now.saturating_sub(stream.started_ns()) > self.plan.timeout_ns;
            if late && stream.phase() == Phase::Opening {
                stream.give_up(&mut self.tally);
                self.opening -= 1;
                let close = format!(r#"{{"op":"close","stream":{}}}"#, index + 1);
                self.adapter.say(close.as_bytes());
            }
        }
    }

    /// Takes what has been reported by now, so that nothing that was delivered counts as lost.
    fn drain(&mut self) -> Result<(), String> {
        let until_ns = clock::now_ns() + DRAIN_NS;
        self.unread = true;
        while self.unread && clock::now_ns() < until_ns {
            self.unread = self.hear()?;
        }
        Ok(())
    }

    fn account(&mut self, cpu_ns: &mut u64, wall_ns: &mut u64) {
        let (cpu, wall) = (clock::cpu_ns(), clock::now_ns());
        self.tally.health.cpu_us += (cpu - *cpu_ns) / 1000;
        self.tally.health.wall_us += (wall - *wall_ns) / 1000;
        (*cpu_ns, *wall_ns) = (cpu, wall);
    }

    fn hand_over(&mut self, index: u64, sink: &mut dyn Sink) {
        let usage = self.sampler.seen();
        let process = &mut self.process;
        process.processes = process.processes.max(usage.processes);
        process.rss_peak_bytes = usage.rss_peak_bytes;
        process.cpu_us = usage.cpu_us.saturating_sub(process.cpu_before_us);
        self.tally.clients = vec![process.clone()];
        sink.interval(index, self.open as u64, &mut self.tally);
    }
}

/// Waits for the first line.
fn hello(poll: &mut Poll, adapter: &mut Adapter, buffer: &mut [u8]) -> Result<Hello, String> {
    let until_ns = clock::now_ns() + HELLO_NS;
    let mut events = Events::with_capacity(16);
    let mut lines = Lines::default();
    let mut said = None;
    while said.is_none() {
        let left = until_ns.saturating_sub(clock::now_ns());
        if left == 0 {
            return Err("it did not say `hello` in time".to_owned());
        }
        match poll.poll(&mut events, Some(Duration::from_nanos(left))) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(|error| format!("failed to poll: {error}"))?,
        }
        loop {
            match adapter.read(buffer) {
                Came::Nothing => break,
                Came::End => return Err(adapter.death()),
                Came::Bytes(len) => {
                    let bytes = buffer.get(..len).unwrap_or_default();
                    lines.take(bytes, |line| match read(line)? {
                        Message::Hello(hello) if said.is_none() => {
                            said = Some(hello);
                            Ok(())
                        }
                        _ => Err("its first line is not its only `hello`".to_owned()),
                    })?;
                }
            }
        }
    }
    match said {
        Some(hello) if hello.protocol == 1 => Ok(hello),
        Some(hello) => Err(format!("it speaks version {} of the protocol, not 1", hello.protocol)),
        None => Err("it said nothing".to_owned()),
    }
}
