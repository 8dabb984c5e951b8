//! The loop that starts workers and servers, hears what they say, and makes the result of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::budget::Budget;
use crate::clock;
use crate::conclusion::{judged, result_of, talk_of};
use crate::exports::IntervalLog;
use crate::gather::Gathering;
use crate::hazard::Hazard;
use crate::latency::Metric;
use crate::launcher::{Heard, Helper, Launcher, Role};
use crate::origin::{FromOrigin, OriginPlan, ToOrigin};
use crate::plan::{Plan, Sources};
use crate::protocol::{FromWorker, PROTOCOL, ToWorker};
use crate::result::{Held, Measured, RunError, outcome};
use crate::run::{Finished, Progress, Subject, Workload};

mod planning;

/// How long helpers may take to start, and to end when they are told.
const HELPER_LIMIT: Duration = Duration::from_mins(1);
/// How long a ramp may stand still.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);
/// From the word to go to the start of the run.
const LEAD_NS: u64 = 50_000_000;

/// What comes to the coordinator.
#[derive(Debug)]
pub(crate) enum Notice {
    Worker(usize, Heard<FromWorker>),
    Server(usize, Heard<FromOrigin>),
    Interrupt,
    /// To end early, with a result that counts.
    Finish,
    Pause(bool),
}

/// Why a run stops before it has begun.
enum Broken {
    Interrupted,
    Error(RunError),
}

/// One that helps, and how far it is.
struct Seat {
    helper: Helper,
    pid: Option<u32>,
    address: Option<SocketAddr>,
    over: bool,
}

pub(crate) struct Coordinator {
    workload: Workload,
    budget: Budget,
    sources: Sources,
    sender: Sender<Notice>,
    notices: Receiver<Notice>,
    workers: Vec<Seat>,
    servers: Vec<Seat>,
    gathering: Gathering,
    lost: Vec<Hazard>,
    interrupted: bool,
    /// The plan that was cut short, and the ramp that stands still.
    finished_early: bool,
    paused: bool,
    started: Timestamp,
    began: Instant,
}

impl Coordinator {
    pub(crate) fn new(
        workload: Workload,
        budget: Budget,
        sources: Sources,
        sender: Sender<Notice>,
        notices: Receiver<Notice>,
    ) -> Self {
        let workers = usize::try_from(budget.workers).unwrap_or(usize::MAX);
        Self {
            gathering: Gathering::new(workers, workload.keep_log),
            workload,
            budget,
            sources,
            sender,
            notices,
            workers: Vec::new(),
            servers: Vec::new(),
            lost: Vec::new(),
            interrupted: false,
            finished_early: false,
            paused: false,
            started: Timestamp::now(),
            began: Instant::now(),
        }
    }

    pub(crate) fn run(
        mut self,
        launcher: &Launcher,
        mut targets: Vec<SocketAddr>,
        publish_targets: &[SocketAddr],
        observe: &mut dyn FnMut(&Progress<'_>),
    ) -> Finished {
        let ran = self.start_servers(launcher).and_then(|served| {
            targets.extend(served);
            self.start_workers(launcher, &targets, publish_targets)
        });
        let error = match ran {
            Ok(()) => {
                self.go(observe);
                None
            }
            Err(Broken::Interrupted) => {
                self.interrupted = true;
                None
            }
            Err(Broken::Error(error)) => Some(error),
        };
        self.end_servers();
        self.finish(error)
    }

    /// Starts the built-in servers; where they listen.
    fn start_servers(&mut self, launcher: &Launcher) -> Result<Vec<SocketAddr>, Broken> {
        let (stalls, cuts) = match &self.workload.subject {
            Subject::Url(_) => return Ok(Vec::new()),
            Subject::Builtin { stalls, .. } => (stalls, Vec::new()),
            // A client cannot be told to drop a stream as the network would.
            Subject::Client { stalls, .. } => (stalls, self.workload.storms.clone()),
        };
        let plan = OriginPlan {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            stalls: stalls.clone(),
            cuts,
        };
        for index in 0..usize::try_from(self.budget.servers).unwrap_or(usize::MAX) {
            let sender = self.sender.clone();
            let helper = launcher.launch(Role::Server, move |heard| {
                // Who does not listen any more does not care.
                let _ = sender.send(Notice::Server(index, heard));
            });
            let mut helper = helper.map_err(|error| not_started("a server", &error))?;
            helper.tell(&ToOrigin::Serve { plan: plan.clone() });
            self.servers.push(Seat { helper, pid: None, address: None, over: false });
        }
        self.wait_for("the built-in server", |run| {
            run.servers.iter().all(|seat| seat.address.is_some())
        })?;
        Ok(self.servers.iter().filter_map(|seat| seat.address).collect())
    }

    fn start_workers(
        &mut self,
        launcher: &Launcher,
        targets: &[SocketAddr],
        publish_targets: &[SocketAddr],
    ) -> Result<(), Broken> {
        let mut plan = self.plan(targets);
        plan.publish = self.workload.publish.as_ref().map(|publish| {
            // The built-in server is published to where it listens.
            let own = if publish_targets.is_empty() { targets } else { publish_targets };
            publish.plan(own.to_vec())
        });
        for index in 0..usize::try_from(self.budget.workers).unwrap_or(usize::MAX) {
            let sender = self.sender.clone();
            let helper = launcher.launch(Role::Worker, move |heard| {
                let _ = sender.send(Notice::Worker(index, heard));
            });
            let mut helper = helper.map_err(|error| not_started("a worker", &error))?;
            let plan = Box::new(Plan { worker: index as u64, ..plan.clone() });
            helper.tell(&ToWorker::Plan { plan });
            self.workers.push(Seat { helper, pid: None, address: None, over: false });
        }
        self.wait_for("the workers", |run| run.workers.iter().all(|seat| seat.pid.is_some()))
    }

    /// Waits until helpers have started.
    fn wait_for(&mut self, who: &str, ready: impl Fn(&Self) -> bool) -> Result<(), Broken> {
        let deadline = Instant::now() + HELPER_LIMIT;
        while !ready(self) {
            match self.notices.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Notice::Interrupt) => return Err(Broken::Interrupted),
                Ok(notice) => self.hear_start(notice)?,
                Err(_) => return Err(subject(format!("{who} did not start in time"))),
            }
        }
        Ok(())
    }

    fn hear_start(&mut self, notice: Notice) -> Result<(), Broken> {
        match notice {
            Notice::Server(index, Heard::Message(FromOrigin::Serving { address, pid })) => {
                if let Some(seat) = self.servers.get_mut(index) {
                    (seat.address, seat.pid) = (Some(address), Some(pid));
                }
                Ok(())
            }
            Notice::Worker(index, Heard::Message(FromWorker::Ready { protocol, pid })) => {
                if protocol != PROTOCOL {
                    return Err(subject(format!(
                        "worker {index} speaks version {protocol} of the protocol, not {PROTOCOL}"
                    )));
                }
                if let Some(seat) = self.workers.get_mut(index) {
                    seat.pid = Some(pid);
                }
                Ok(())
            }
            Notice::Server(_, Heard::Message(FromOrigin::Failed { message }))
            | Notice::Worker(_, Heard::Message(FromWorker::Failed { message })) => {
                Err(subject(message))
            }
            Notice::Server(index, Heard::Gone(why)) => {
                Err(subject(format!("server {index} {}", gone(&mut self.servers, index, why))))
            }
            Notice::Worker(index, Heard::Gone(why)) => {
                Err(subject(format!("worker {index} {}", gone(&mut self.workers, index, why))))
            }
            Notice::Finish => Err(Broken::Interrupted),
            Notice::Server(..) | Notice::Worker(..) | Notice::Interrupt | Notice::Pause(_) => {
                Ok(())
            }
        }
    }

    /// Lets the workers go, and hears them until all are done.
    fn go(&mut self, observe: &mut dyn FnMut(&Progress<'_>)) {
        let at_ns = clock::now_ns() + LEAD_NS;
        for seat in &mut self.servers {
            seat.helper.tell(&ToOrigin::Go { at_ns });
        }
        for seat in &mut self.workers {
            seat.helper.tell(&ToWorker::Go { at_ns });
        }
        let total = self.workload.ramp + self.workload.hold;
        let went = Instant::now();
        let mut deadline = went + total + HELPER_LIMIT;
        while self.workers.iter().any(|seat| !seat.over) {
            match self.notices.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Notice::Interrupt) if self.interrupted => self.kill_workers(),
                Ok(Notice::Interrupt) => {
                    self.interrupted = true;
                    deadline = Instant::now() + HELPER_LIMIT;
                    self.tell_workers(&ToWorker::Stop);
                }
                Ok(Notice::Finish) => {
                    self.finished_early = went.elapsed() < total;
                    deadline = Instant::now() + HELPER_LIMIT;
                    self.tell_workers(&ToWorker::Stop);
                }
                Ok(Notice::Pause(paused)) => {
                    self.paused = paused;
                    self.tell_workers(&ToWorker::Pause { paused });
                    // The user says how long; at the latest, what is left begins now.
                    let pause = if paused { LONGEST_PAUSE } else { Duration::ZERO };
                    deadline = Instant::now() + pause + total + HELPER_LIMIT;
                }
                Ok(Notice::Worker(index, heard)) => {
                    if self.hear_worker(index, heard) {
                        observe(&self.progress(went.elapsed(), total));
                    }
                }
                Ok(Notice::Server(index, heard)) => self.hear_server(index, heard),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    self.kill_workers();
                }
            }
        }
    }

    fn tell_workers(&mut self, message: &ToWorker) {
        for seat in &mut self.workers {
            seat.helper.tell(message);
        }
    }

    /// Whether a second is complete by what a worker says.
    fn hear_worker(&mut self, index: usize, heard: Heard<FromWorker>) -> bool {
        match heard {
            Heard::Message(FromWorker::Interval { index: second, open, tally }) => {
                return self.gathering.add(index, second, open, &tally);
            }
            Heard::Message(FromWorker::Ready { .. }) => {}
            Heard::Message(FromWorker::Done) => {
                if let Some(seat) = self.workers.get_mut(index) {
                    seat.over = true;
                    seat.helper.close();
                }
                self.gathering.end(index, false);
            }
            Heard::Message(FromWorker::Failed { message }) => {
                self.lose_worker(index, message, self.workload.subject.loss_of_worker());
            }
            Heard::Gone(why) => {
                if self.workers.get(index).is_some_and(|seat| !seat.over) {
                    let how = gone(&mut self.workers, index, why);
                    self.lose_worker(index, how, |worker, how| Hazard::WorkerLost { worker, how });
                }
            }
        }
        false
    }

    fn lose_worker(&mut self, index: usize, how: String, hazard: fn(u64, String) -> Hazard) {
        if let Some(seat) = self.workers.get_mut(index) {
            seat.over = true;
            seat.helper.close();
        }
        self.gathering.end(index, true);
        self.lost.push(hazard(index as u64, how));
    }

    fn kill_workers(&mut self) {
        for index in 0..self.workers.len() {
            let Some(seat) = self.workers.get_mut(index).filter(|seat| !seat.over) else {
                continue;
            };
            seat.helper.kill();
            let how = "it did not end when it was told, and was killed".to_owned();
            self.lose_worker(index, how, |worker, how| Hazard::WorkerLost { worker, how });
        }
    }

    fn hear_server(&mut self, index: usize, heard: Heard<FromOrigin>) {
        let Some(seat) = self.servers.get_mut(index).filter(|seat| !seat.over) else {
            return;
        };
        let how = match heard {
            Heard::Message(FromOrigin::Serving { .. }) => return,
            Heard::Message(FromOrigin::Done { report }) => {
                seat.over = true;
                self.gathering.add_origin(&report);
                return;
            }
            Heard::Message(FromOrigin::Failed { message }) => message,
            Heard::Gone(why) => gone(&mut self.servers, index, why),
        };
        if let Some(seat) = self.servers.get_mut(index) {
            seat.over = true;
        }
        self.lost.push(Hazard::ServerLost { server: index as u64, how });
    }

    fn end_servers(&mut self) {
        for seat in &mut self.servers {
            seat.helper.tell(&ToOrigin::Stop);
        }
        let deadline = Instant::now() + HELPER_LIMIT;
        let serves = |seat: &Seat| !seat.over && seat.address.is_some();
        while self.servers.iter().any(serves) {
            match self.notices.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(Notice::Server(index, heard)) => self.hear_server(index, heard),
                Ok(Notice::Worker(..) | Notice::Finish | Notice::Pause(_)) => {}
                Ok(Notice::Interrupt) | Err(_) => break,
            }
        }
    }

    fn progress(&self, elapsed: Duration, total: Duration) -> Progress<'_> {
        let pids = |seats: &[Seat]| {
            seats.iter().filter(|seat| !seat.over).filter_map(|seat| seat.pid).collect()
        };
        let last = self.gathering.last();
        Progress {
            elapsed,
            total,
            open: self.gathering.open(),
            wanted: self.workload.streams,
            events: last.map_or(0, |second| second.events),
            lag_p99_us: last.and_then(|second| second.p99_us.get(Metric::Lag.name()).copied()),
            worker_pids: pids(&self.workers),
            server_pids: pids(&self.servers),
            paused: self.paused,
            last,
            ..Progress::of(self.gathering.total())
        }
    }

    fn finish(mut self, error: Option<RunError>) -> Finished {
        // They have said all; their ends are waited for.
        self.workers.clear();
        self.servers.clear();
        let gathered = self.gathering.finish();
        let tally = gathered.total;
        let hazards = if error.is_some() {
            Vec::new()
        } else {
            Hazard::of(&Measured {
                tally: &tally,
                thresholds: &self.workload.thresholds,
                lost: &self.lost,
                interrupted: self.interrupted,
                finished_early: self.finished_early,
                open: gathered.open,
                wanted: self.workload.wanted_at_end(),
                loop_lag_limit_us: u64::try_from(self.workload.loop_lag_limit.as_micros())
                    .unwrap_or(u64::MAX),
            })
        };
        let mut result = result_of(&self.workload, self.started, self.began.elapsed(), &tally);
        result.interrupted = self.interrupted;
        result.talk = talk_of(&self.workload, &tally, self.budget.workers);
        result.budget = Some(self.budget);
        if let Some(sockets) = &mut result.sockets {
            sockets.peak = gathered.peak_sockets;
        }
        result.held = Held { at_end: gathered.open, peak: gathered.peak };
        result.seconds = gathered.seconds;
        for second in &mut result.seconds {
            let end = Duration::from_secs(second.second + second.length_s);
            second.planned = self.workload.planned(end);
        }
        result.hazards = hazards.into_iter().map(Into::into).collect();
        result.error = error;
        if result.error.is_none() {
            result.thresholds = judged(&self.workload, &tally);
        }
        result.outcome = outcome(&result);
        let log = IntervalLog { started: self.started, entries: gathered.log };
        Finished { result, log }
    }
}

fn gone(seats: &mut [Seat], index: usize, why: Option<String>) -> String {
    let status = seats.get_mut(index).and_then(|seat| {
        seat.over = true;
        // Its output has ended, so it is ending or is to be ended.
        seat.helper.close();
        seat.helper.status()
    });
    match (status, why) {
        (Some(status), None) => format!("ended before its time ({status})"),
        (Some(status), Some(why)) => format!("broke off: {why} ({status})"),
        (None, Some(why)) => format!("broke off: {why}"),
        (None, None) => "ended before its time".to_owned(),
    }
}

fn subject(message: String) -> Broken {
    let help = "run it again; if it stays so, look into the system's log".to_owned();
    Broken::Error(RunError { kind: "subject".to_owned(), message, help })
}

fn not_started(who: &str, error: &std::io::Error) -> Broken {
    subject(format!("failed to start {who}: {error}"))
}
