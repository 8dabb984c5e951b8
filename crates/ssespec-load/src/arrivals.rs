//! How streams arrive and leave: held, in stages, or openly at a rate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::chance::Chance;
use crate::duration;

/// How streams arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Closed: all are started over the ramp, and held.
    #[default]
    Held,
    /// Closed, in stages: so many are open by the end of each.
    Levels {
        /// The stages, one after the other; levels are streams.
        stages: Vec<Stage>,
    },
    /// Open: they arrive whether or not those before them have come about. After the last stage
    /// its rate goes on.
    Rates {
        /// The stages, one after the other; levels are thousandths of an arrival a second.
        stages: Vec<Stage>,
        /// The times between arrivals.
        spacing: Spacing,
    },
}

/// A way from one level to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The level at its end.
    pub level: u64,
    /// How long it takes, evenly, in nanoseconds; 0 for a jump.
    pub over_ns: u64,
}

/// The times between arrivals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// All the same.
    #[default]
    Constant,
    /// As of users who know nothing of each other: a Poisson process. It is the same one in each
    /// run with as many workers.
    Poisson,
}

/// A stage as people write it: `1000@30s` for streams, `100/s@30s` for arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenStage {
    /// The stage.
    pub stage: Stage,
    /// Whether its level is a rate.
    pub is_rate: bool,
}

impl FromStr for WrittenStage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || "write it as `1000@30s`, or as `100/s@30s` for arrivals".to_owned();
        let (level, over) = text.split_once('@').ok_or_else(form)?;
        let over_ns = duration::nanoseconds(duration::parse(over)?);
        if level.contains('/') {
            let level = duration::parse_rate(level)?;
            return Ok(Self { stage: Stage { level, over_ns }, is_rate: true });
        }
        let level = level.trim().parse().ok().filter(|level| *level <= 100_000_000);
        let level =
            level.ok_or_else(|| format!("`{text}` has no number of streams; {}", form()))?;
        Ok(Self { stage: Stage { level, over_ns }, is_rate: false })
    }
}

/// A rate of arrivals as people write it: `100/s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Thousandths of an arrival a second.
    pub milli: u64,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match duration::parse_rate(text)? {
            0 => Err("a rate of 0 starts nothing".to_owned()),
            milli => Ok(Self { milli }),
        }
    }
}

/// How long streams stay open: `10s`, `exp:10s` by its mean, `uniform:5s..15s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifetime {
    /// All for the same time, in nanoseconds.
    Fixed(u64),
    /// Exponentially distributed; the mean, in nanoseconds.
    Exponential(u64),
    /// Evenly between two times, in nanoseconds.
    Uniform(u64, u64),
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(mean) = text.strip_prefix("exp:") {
            return duration::parse_ns(mean).map(Self::Exponential);
        }
        if let Some(range) = text.strip_prefix("uniform:") {
            let form = || format!("`{text}` is no range; write it as `uniform:5s..15s`");
            let (from, to) = range.split_once("..").ok_or_else(form)?;
            let (from, to) = (duration::parse_ns(from)?, duration::parse_ns(to)?);
            return if from > to { Err(form()) } else { Ok(Self::Uniform(from, to)) };
        }
        if text.contains(':') {
            return Err(format!(
                "`{text}` is no lifetime; write it as `10s`, `exp:10s` or `uniform:5s..15s`"
            ));
        }
        duration::parse_ns(text).map(Self::Fixed)
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = |ns: &u64| duration::time(*ns);
        match self {
            Self::Fixed(ns) => f.write_str(&time(ns)),
            Self::Exponential(mean) => write!(f, "exp:{}", time(mean)),
            Self::Uniform(from, to) => write!(f, "uniform:{}..{}", time(from), time(to)),
        }
    }
}

impl Lifetime {
    /// The lifetime of one stream, in nanoseconds.
    pub(crate) fn draw(self, chance: &mut Chance) -> u64 {
        let ns = match self {
            Self::Fixed(ns) => return ns,
            Self::Exponential(mean) => mean as f64 * chance.exponential(),
            Self::Uniform(from, to) => from as f64 + (to - from) as f64 * chance.share(),
        };
        whole(ns)
    }

    /// The mean for what is told by chance, else the most, in nanoseconds.
    fn usual_ns(self) -> u64 {
        match self {
            Self::Fixed(ns) | Self::Exponential(ns) | Self::Uniform(_, ns) => ns,
        }
    }
}

/// The whole number next to this one, which is not negative.
pub(crate) fn whole(number: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(number / 1e9).map_or(u64::MAX, duration::nanoseconds)
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |stages: &[Stage], level: &dyn Fn(u64) -> String| {
            let one =
                |stage: &Stage| format!("{}@{}", level(stage.level), duration::time(stage.over_ns));
            stages.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Held => f.write_str("held"),
            Self::Levels { stages } => {
                write!(f, "streams by {}", list(stages, &|level| level.to_string()))
            }
            Self::Rates { stages, spacing } => {
                match stages.as_slice() {
                    [Stage { level, over_ns: 0 }] => f.write_str(&duration::rate(*level))?,
                    stages => write!(f, "arrivals by {}", list(stages, &duration::rate))?,
                }
                f.write_str(match spacing {
                    Spacing::Constant => ", evenly spaced",
                    Spacing::Poisson => ", Poisson",
                })
            }
        }
    }
}

impl Arrivals {
    /// How long all stages take, in nanoseconds.
    pub fn staged_ns(&self) -> u64 {
        match self {
            Self::Held => 0,
            Self::Levels { stages } | Self::Rates { stages, .. } => {
                stages.iter().map(|stage| stage.over_ns).fold(0, u64::saturating_add)
            }
        }
    }

    /// How many streams there are room for where the user does not say: those that are open at
    /// once by these lifetimes, and those that arrive while the server stands still for a while.
    pub fn room(&self, lifetime: Option<Lifetime>, run_ns: u64, slack_ns: u64) -> u64 {
        let stages = match self {
            Self::Held => return 1000,
            Self::Levels { stages } => {
                return stages.iter().map(|stage| stage.level).max().unwrap_or(0).max(1);
            }
            Self::Rates { stages, .. } => stages,
        };
        let seconds = |ns: u64| ns as f64 / 1e9;
        let (mut level, mut total, mut most, mut at_ns) = (0, 0.0, 0, 0_u64);
        for stage in stages {
            let middle = (level as f64 + stage.level as f64) / 2000.0;
            total += middle * seconds(stage.over_ns);
            level = stage.level;
            most = most.max(level);
            at_ns = at_ns.saturating_add(stage.over_ns);
        }
        total += level as f64 / 1000.0 * seconds(run_ns.saturating_sub(at_ns));
        let most = most as f64 / 1000.0;
        let open = match lifetime {
            Some(lifetime) => {
                let usual = most * seconds(lifetime.usual_ns());
                usual + 10.0 * usual.sqrt() + most * seconds(slack_ns)
            }
            None => f64::INFINITY,
        };
        // Ten standard deviations, so that chance does not fill it.
        let bound = total + 10.0 * total.sqrt();
        whole(open.min(bound).ceil()).saturating_add(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn lifetimes_are_read_and_drawn() {
        let mut chance = Chance::new(1);
        for (text, from, to, mean) in [
            ("10s", 10.0, 10.0, 10.0),
            ("uniform:5s..15s", 5.0, 15.0, 10.0),
            ("exp:10s", 0.0, 1e9, 10.0),
        ] {
            let lifetime: Lifetime = text.parse().unwrap();
            assert_eq!(lifetime.to_string(), text);
            let drawn: Vec<f64> =
                (0..20_000).map(|_| lifetime.draw(&mut chance) as f64 / 1e9).collect();
            assert!(drawn.iter().all(|it| (from..=to).contains(it)), "{text}");
            assert!((drawn.iter().sum::<f64>() / 2e4 - mean).abs() < 0.3, "{text}");
        }
        for wrong in ["", "10", "0s", "exp:", "uniform:5s", "uniform:9s..5s", "norm:5s"] {
            assert!(wrong.parse::<Lifetime>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn stages_are_streams_or_rates() {
        let stage = |text: &str| text.parse::<WrittenStage>().unwrap();
        let streams =
            WrittenStage { stage: Stage { level: 1000, over_ns: 30 * S }, is_rate: false };
        assert_eq!(stage("1000@30s"), streams);
        assert_eq!(stage("1.5/s@0s").stage, Stage { level: 1500, over_ns: 0 });
        for wrong in ["1000", "x@1s", "10@x", "-1@1s", "1/x@1s"] {
            assert!(wrong.parse::<WrittenStage>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn there_is_room_for_all_that_arrive() {
        let stages = vec![Stage { level: 100_000, over_ns: 0 }];
        let open = Arrivals::Rates { stages, spacing: Spacing::Poisson };
        assert_eq!(open.to_string(), "100/s, Poisson");
        // 6,000 arrive, and their number may deviate.
        assert_eq!(open.room(None, 60 * S, 0), 6875);
        let room = open.room(Some(Lifetime::Fixed(S)), 60 * S, 5 * S);
        assert_eq!(room, 100 + 100 + 500 + 100);
        let levels = Arrivals::Levels { stages: vec![Stage { level: 7, over_ns: S }] };
        assert_eq!((levels.room(None, S, 0), levels.staged_ns()), (7, S));
        assert_eq!(levels.to_string(), "streams by 7@1s");
    }
}
