//! When the streams of one worker start: an endless or a finite sequence, from its plan alone.

use std::collections::VecDeque;

use crate::arrivals::{Arrivals, Spacing, Stage, whole};
use crate::chance::Chance;
use crate::plan::Plan;

/// A start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    /// When, after the start of the run; `None` for as soon as it goes.
    pub(crate) after_ns: Option<u64>,
    /// When its place is no longer wanted, after the start of the run.
    pub(crate) until_ns: Option<u64>,
}

/// The starts of one worker, in their order.
#[derive(Debug)]
pub(crate) struct Starts {
    source: Source,
    next: Option<Start>,
    /// Streams that take the place of others.
    replacements: VecDeque<Start>,
    started: u64,
}

#[derive(Debug)]
enum Source {
    /// So many were given out.
    Held(u64),
    /// The segment, and the next of its streams.
    Levels {
        segments: Vec<Segment>,
        segment: usize,
        next: u64,
    },
    Rates(Curve),
}

/// A part of the way on which the level goes evenly from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    at_ns: u64,
    over_ns: u64,
    from: u64,
    to: u64,
}

impl Segment {
    fn all(stages: &[Stage]) -> Vec<Self> {
        let (mut at_ns, mut from) = (0_u64, 0);
        let segment = |stage: &Stage| {
            let segment = Self { at_ns, over_ns: stage.over_ns, from, to: stage.level };
            at_ns = at_ns.saturating_add(stage.over_ns);
            from = stage.level;
            segment
        };
        stages.iter().map(segment).collect()
    }

    /// When a part of the way is done.
    fn at(&self, part: u64, of: u64) -> u64 {
        let after = u128::from(self.over_ns) * u128::from(part) / u128::from(of.max(1));
        self.at_ns.saturating_add(u64::try_from(after).unwrap_or(u64::MAX))
    }

    /// When a stream of this level comes.
    fn comes_ns(&self, level: u64) -> u64 {
        self.at(level - self.from, self.to - self.from)
    }

    /// When it goes, where it does.
    fn goes_ns(&self, level: u64) -> Option<u64> {
        let goes = (self.to..self.from).contains(&level);
        goes.then(|| self.at(self.from - 1 - level, self.from - self.to))
    }
}

/// A rate over time, as far as it was followed.
#[derive(Debug)]
struct Curve {
    segments: Vec<Segment>,
    segment: usize,
    /// Arrivals of all workers before the segment.
    before: f64,
    /// The next arrival of this worker, counted over all workers.
    count: f64,
    workers: f64,
    chance: Option<Chance>,
}

impl Curve {
    /// When there have been so many arrivals, in nanoseconds.
    fn next_ns(&mut self) -> Option<u64> {
        loop {
            let wanted = (self.count - self.before).max(0.0);
            let Some(segment) = self.segments.get(self.segment) else {
                // The last rate goes on.
                let last = self.segments.last()?;
                let rate = last.to as f64 / 1000.0;
                let at_ns = last.at_ns.saturating_add(last.over_ns);
                let after_s = (rate > 0.0).then(|| wanted / rate)?;
                return Some(at_ns.saturating_add(whole(after_s * 1e9)));
            };
            let (from, to) = (segment.from as f64 / 1000.0, segment.to as f64 / 1000.0);
            let over_s = segment.over_ns as f64 / 1e9;
            let arrivals = f64::midpoint(from, to) * over_s;
            if wanted >= arrivals {
                self.before += arrivals;
                self.segment += 1;
                continue;
            }
            // The rate is linear, so that arrivals grow with the square of time; written so that
            // nothing is divided by a slope of 0.
            let slope = (to - from) / over_s;
            let root = (from * from + 2.0 * slope * wanted).max(0.0).sqrt();
            let after_s = if wanted > 0.0 { 2.0 * wanted / (from + root) } else { 0.0 };
            return Some(segment.at_ns.saturating_add(whole(after_s.min(over_s) * 1e9)));
        }
    }

    fn advance(&mut self) {
        let step = self.chance.as_mut().map_or(1.0, Chance::exponential);
        self.count += step * self.workers;
    }
}

impl Starts {
    pub(crate) fn new(plan: &Plan) -> Self {
        let source = match &plan.arrivals {
            Arrivals::Held => Source::Held(0),
            Arrivals::Levels { stages } => {
                Source::Levels { segments: Segment::all(stages), segment: 0, next: plan.worker }
            }
            Arrivals::Rates { stages, spacing } => {
                let mut curve = Curve {
                    segments: Segment::all(stages),
                    segment: 0,
                    before: 0.0,
                    count: plan.worker as f64,
                    workers: plan.workers as f64,
                    chance: None,
                };
                if *spacing == Spacing::Poisson {
                    curve.chance = Some(Chance::new(plan.worker));
                    curve.count = 0.0;
                    curve.advance();
                }
                Source::Rates(curve)
            }
        };
        let mut starts = Self { source, next: None, replacements: VecDeque::new(), started: 0 };
        starts.next = starts.draw(plan);
        starts
    }

    /// The next start.
    pub(crate) fn peek(&self) -> Option<Start> {
        self.replacements.front().copied().or(self.next)
    }

    /// Goes on after the next start; the number of its stream among those of all workers.
    pub(crate) fn take(&mut self, plan: &Plan) -> u64 {
        if self.replacements.pop_front().is_none() {
            self.next = self.draw(plan);
        }
        let number = plan.number(self.started);
        self.started += 1;
        number
    }

    /// Starts one more, in the place of one that is gone.
    pub(crate) fn replace(&mut self, start: Start) {
        self.replacements.push_back(start);
    }

    fn draw(&mut self, plan: &Plan) -> Option<Start> {
        match &mut self.source {
            Source::Held(given) => {
                let number = plan.number(*given);
                *given += 1;
                (number < plan.streams)
                    .then(|| Start { after_ns: plan.start_ns(number), until_ns: None })
            }
            Source::Levels { segments, segment, next } => loop {
                let now = segments.get(*segment)?;
                if *next >= now.to || now.to <= now.from {
                    *segment += 1;
                    let from = segments.get(*segment).map_or(0, |it| it.from);
                    *next = first_of(from, plan);
                    continue;
                }
                let level = *next;
                *next += plan.workers;
                let after_ns = Some(now.comes_ns(level));
                let later = segments.get(*segment + 1..).unwrap_or_default();
                let until_ns = later.iter().find_map(|segment| segment.goes_ns(level));
                return Some(Start { after_ns, until_ns });
            },
            Source::Rates(curve) => {
                let after_ns = Some(curve.next_ns()?);
                curve.advance();
                Some(Start { after_ns, until_ns: None })
            }
        }
    }
}

/// The first stream of a worker from this level on.
fn first_of(level: u64, plan: &Plan) -> u64 {
    let behind = level.saturating_sub(plan.worker).div_ceil(plan.workers.max(1));
    plan.worker + behind * plan.workers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    const MS: u64 = 1_000_000;

    /// All starts of all workers before an instant, in milliseconds.
    fn all(arrivals: &Arrivals, workers: u64, before_ms: u64) -> Vec<(u64, Option<u64>)> {
        let mut all = Vec::new();
        for worker in 0..workers {
            let plan = Plan { arrivals: arrivals.clone(), ..plan(worker, workers, 1000) };
            let mut starts = Starts::new(&plan);
            while let Some(Start { after_ns: Some(after_ns), until_ns }) = starts.peek() {
                if after_ns >= before_ms * MS {
                    break;
                }
                all.push((after_ns / MS, until_ns.map(|until_ns| until_ns / MS)));
                starts.take(&plan);
            }
        }
        all.sort_unstable();
        all
    }

    fn stages(of: &[(u64, u64)]) -> Vec<Stage> {
        of.iter().map(|(level, ms)| Stage { level: *level, over_ns: ms * MS }).collect()
    }

    #[test]
    fn workers_share_a_rate() {
        let even = Arrivals::Rates { stages: stages(&[(10_000, 0)]), spacing: Spacing::Constant };
        for workers in [1, 3] {
            let times: Vec<_> = all(&even, workers, 1000).iter().map(|(ms, _)| *ms).collect();
            assert_eq!(times, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
        }
        let chance = Arrivals::Rates { stages: stages(&[(10_000, 0)]), spacing: Spacing::Poisson };
        let arrived = all(&chance, 3, 1_000_000).len();
        // 10,000 with a standard deviation of 100, and always the same.
        assert!((9600..10_400).contains(&arrived), "{arrived}");
    }

    #[test]
    fn rates_ramp() {
        let ramp = Arrivals::Rates {
            stages: stages(&[(10_000, 2000), (10_000, 1000), (0, 1000)]),
            spacing: Spacing::Constant,
        };
        for workers in [1, 4] {
            let all = all(&ramp, workers, 1_000_000);
            // Ten in the first two seconds, ten in the third, and five on the way down.
            assert_eq!(all.len(), 25, "{all:?}");
            assert_eq!(all.iter().filter(|(ms, _)| *ms < 1999).count(), 10);
            assert_eq!(all.iter().filter(|(ms, _)| *ms < 2999).count(), 20);
        }
    }

    #[test]
    fn levels_come_and_go() {
        let levels = Arrivals::Levels { stages: stages(&[(4, 400), (2, 200), (3, 0)]) };
        for workers in [1, 3] {
            let came = all(&levels, workers, 10_000);
            let expected =
                [(0, None), (100, None), (200, Some(500)), (300, Some(400)), (600, None)];
            assert_eq!(came, expected, "{workers}");
        }
    }
}
