//! Histograms of times, and the metrics that they are kept for.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer as V2Deserializer, Serializer as _, V2Serializer};
use schemars::JsonSchema;
use serde::de::{self, Deserializer};
use serde::ser::{self, Serializer};
use serde::{Deserialize, Serialize};

/// The longest time that is told apart: an hour. Longer ones count as this.
pub const LONGEST_US: u64 = 3_600_000_000;
/// Significant decimal digits.
const DIGITS: u8 = 3;

/// How often each time was seen, to three digits, from 1 µs to an hour.
///
/// It takes no memory before its first value, then the same however many it holds, and as JSON it is
/// the V2 encoding of `HdrHistogram` in base64, which other tools read.
#[derive(Debug, Clone, Default)]
pub struct Latency {
    own: Option<Histogram<u64>>,
    /// The time that came last, and how often it is still to be counted: all events of one write
    /// have the same.
    last_us: u64,
    again: u64,
}

impl PartialEq for Latency {
    fn eq(&self, other: &Self) -> bool {
        self.histogram() == other.histogram()
    }
}

/// One without values, for those that have no memory yet.
static EMPTY: LazyLock<Histogram<u64>> = LazyLock::new(histogram);

fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_US, DIGITS).expect("the bounds are valid")
}

impl Latency {
    /// None seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The histogram, with all in it.
    fn own(&mut self) -> &mut Histogram<u64> {
        let own = self.own.get_or_insert_with(histogram);
        if self.again > 0 {
            own.saturating_record_n(self.last_us, self.again);
            self.again = 0;
        }
        own
    }

    /// Adds one time.
    #[inline]
    pub fn record_ns(&mut self, ns: u64) {
        let us = (ns.saturating_add(500) / 1000).min(LONGEST_US);
        if us != self.last_us {
            self.own();
            self.last_us = us;
        }
        self.again += 1;
    }

    /// Adds the times of another. The sum does not depend on the order.
    #[expect(clippy::missing_panics_doc, reason = "all have the same bounds")]
    pub fn merge(&mut self, other: &Self) {
        if other.count() > 0 {
            self.own().add(&*other.histogram()).expect("all have the same bounds");
        }
    }

    /// Forgets all, keeping the memory.
    pub fn clear(&mut self) {
        self.again = 0;
        if let Some(own) = self.own.as_mut().filter(|own| !own.is_empty()) {
            own.reset();
        }
    }

    /// How many times were added.
    pub fn count(&self) -> u64 {
        self.own.as_ref().map_or(0, Histogram::len) + self.again
    }

    /// The time that a share of all, from 0 to 1, did not exceed; `None` where there are none.
    pub fn quantile_us(&self, quantile: f64) -> Option<u64> {
        self.filled().map(|own| own.value_at_quantile(quantile).min(own.max()))
    }

    /// The longest.
    pub fn max_us(&self) -> Option<u64> {
        self.filled().map(|own| own.max())
    }

    /// The shortest.
    pub fn min_us(&self) -> Option<u64> {
        self.filled().map(|own| own.min())
    }

    /// The mean.
    pub fn mean_us(&self) -> Option<f64> {
        self.filled().map(|own| own.mean())
    }

    /// The histogram itself.
    pub fn histogram(&self) -> Cow<'_, Histogram<u64>> {
        let own = self.own.as_ref().unwrap_or(&EMPTY);
        if self.again == 0 {
            return Cow::Borrowed(own);
        }
        let mut own = own.clone();
        own.saturating_record_n(self.last_us, self.again);
        Cow::Owned(own)
    }

    fn filled(&self) -> Option<Cow<'_, Histogram<u64>>> {
        (self.count() > 0).then(|| self.histogram())
    }

    /// The V2 encoding.
    ///
    /// # Errors
    /// When a count does not fit the encoding.
    pub fn to_v2(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let done = V2Serializer::new().serialize(&*self.histogram(), &mut bytes);
        done.map(|_| bytes).map_err(|error| error.to_string())
    }

    /// Reads the V2 encoding.
    ///
    /// # Errors
    /// When the bytes are not a histogram with these bounds.
    pub fn from_v2(bytes: &[u8]) -> Result<Self, String> {
        let mut cursor = std::io::Cursor::new(bytes);
        let histogram: Histogram<u64> = V2Deserializer::new()
            .deserialize(&mut cursor)
            .map_err(|error| format!("no V2 histogram: {error}"))?;
        let mut own = Self::new();
        if histogram.high() != own.own().high() || histogram.sigfig() != own.own().sigfig() {
            return Err("a histogram with other bounds".to_owned());
        }
        own.own()
            .add(&histogram)
            .map_err(|error| format!("a histogram beyond the bounds: {error}"))?;
        Ok(own)
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.count() == 0 {
            return serializer.serialize_str("");
        }
        let bytes = self.to_v2().map_err(ser::Error::custom)?;
        serializer.serialize_str(&STANDARD.encode(bytes))
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(Self::new());
        }
        let bytes = STANDARD.decode(text.as_bytes()).map_err(de::Error::custom)?;
        Self::from_v2(&bytes).map_err(de::Error::custom)
    }
}

/// What is measured. `docs/load.md` defines each.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// The call to connect → the socket is writable.
    Connect,
    /// The same from the instant at which the plan wanted the stream to start.
    ConnectCorrected,
    /// The request is written → the head is complete and judged.
    Headers,
    /// The start of the attempt → the first event is dispatched.
    Ttfe,
    /// The same from the instant at which the plan wanted the stream to start.
    TtfeCorrected,
    /// One event → the next on the same stream.
    Gap,
    /// The instant that the schedule of the built-in server says → the event is dispatched.
    Lag,
    /// The loss of a stream → the first event of its successor.
    Reconnect,
    /// The start of the attempt → the first token.
    Ttft,
    /// The same from the instant at which the plan wanted the stream to start.
    TtftCorrected,
    /// One token → the next on the same stream.
    Itl,
    /// The start of the attempt → the event that ends the stream.
    Duration,
    /// The same from the instant at which the plan wanted the stream to start.
    DurationCorrected,
    /// The timestamp in a payload → the event is dispatched.
    E2e,
    /// A message is sent → its response is whole.
    Publish,
    /// The same from the instant at which the plan wanted the message to be sent.
    PublishCorrected,
    /// The last event before a loss → the first one after it.
    Blackout,
    /// The first byte of the handshake → TLS is agreed upon.
    Tls,
    /// How late the generator came to what it had to do.
    LoopLag,
    /// How much later than planned streams were started.
    StartLag,
    /// How late the built-in server wrote, by its own schedule.
    Emission,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Connect,
        Self::ConnectCorrected,
        Self::Headers,
        Self::Ttfe,
        Self::TtfeCorrected,
        Self::Gap,
        Self::Lag,
        Self::Reconnect,
        Self::Ttft,
        Self::TtftCorrected,
        Self::Itl,
        Self::Duration,
        Self::DurationCorrected,
        Self::E2e,
        Self::Publish,
        Self::PublishCorrected,
        Self::Blackout,
        Self::Tls,
        Self::LoopLag,
        Self::StartLag,
        Self::Emission,
    ];

    /// Its name in options and reports. What is corrected for coordinated omission has the plain
    /// name, so that nobody gets the flattering one unasked.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect.raw",
            Self::ConnectCorrected => "connect",
            Self::Headers => "headers",
            Self::Ttfe => "ttfe.raw",
            Self::TtfeCorrected => "ttfe",
            Self::Gap => "gap",
            Self::Lag => "lag",
            Self::Reconnect => "reconnect",
            Self::Ttft => "ttft.raw",
            Self::TtftCorrected => "ttft",
            Self::Itl => "itl",
            Self::Duration => "duration.raw",
            Self::DurationCorrected => "duration",
            Self::E2e => "e2e",
            Self::Publish => "publish.raw",
            Self::PublishCorrected => "publish",
            Self::Blackout => "blackout",
            Self::Tls => "tls",
            Self::LoopLag => "loop-lag",
            Self::StartLag => "start-lag",
            Self::Emission => "emission",
        }
    }

    /// Whether a run measures it whose streams have no timestamps, are no answers, and so on.
    fn is_plain(self) -> bool {
        !matches!(
            self,
            Self::Ttft
                | Self::TtftCorrected
                | Self::Itl
                | Self::Duration
                | Self::DurationCorrected
                | Self::E2e
                | Self::Publish
                | Self::PublishCorrected
                | Self::Blackout
                | Self::Tls
        )
    }

    /// The metric of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

/// A histogram a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    connect: Latency,
    connect_corrected: Latency,
    headers: Latency,
    ttfe: Latency,
    ttfe_corrected: Latency,
    gap: Latency,
    lag: Latency,
    #[serde(default)]
    reconnect: Latency,
    #[serde(default)]
    ttft: Latency,
    #[serde(default)]
    ttft_corrected: Latency,
    #[serde(default)]
    itl: Latency,
    #[serde(default)]
    duration: Latency,
    #[serde(default)]
    duration_corrected: Latency,
    #[serde(default)]
    e2e: Latency,
    #[serde(default)]
    publish: Latency,
    #[serde(default)]
    publish_corrected: Latency,
    #[serde(default)]
    blackout: Latency,
    #[serde(default)]
    tls: Latency,
    loop_lag: Latency,
    start_lag: Latency,
    emission: Latency,
}

impl Latencies {
    /// Adds one time to one metric.
    #[inline]
    pub fn record_ns(&mut self, metric: Metric, ns: u64) {
        self.of_mut(metric).record_ns(ns);
    }

    /// The histogram of a metric.
    pub fn of(&self, metric: Metric) -> &Latency {
        match metric {
            Metric::Connect => &self.connect,
            Metric::ConnectCorrected => &self.connect_corrected,
            Metric::Headers => &self.headers,
            Metric::Ttfe => &self.ttfe,
            Metric::TtfeCorrected => &self.ttfe_corrected,
            Metric::Gap => &self.gap,
            Metric::Lag => &self.lag,
            Metric::Reconnect => &self.reconnect,
            Metric::Ttft => &self.ttft,
            Metric::TtftCorrected => &self.ttft_corrected,
            Metric::Itl => &self.itl,
            Metric::Duration => &self.duration,
            Metric::DurationCorrected => &self.duration_corrected,
            Metric::E2e => &self.e2e,
            Metric::Publish => &self.publish,
            Metric::PublishCorrected => &self.publish_corrected,
            Metric::Blackout => &self.blackout,
            Metric::Tls => &self.tls,
            Metric::LoopLag => &self.loop_lag,
            Metric::StartLag => &self.start_lag,
            Metric::Emission => &self.emission,
        }
    }

    #[inline]
    pub(crate) fn of_mut(&mut self, metric: Metric) -> &mut Latency {
        match metric {
            Metric::Connect => &mut self.connect,
            Metric::ConnectCorrected => &mut self.connect_corrected,
            Metric::Headers => &mut self.headers,
            Metric::Ttfe => &mut self.ttfe,
            Metric::TtfeCorrected => &mut self.ttfe_corrected,
            Metric::Gap => &mut self.gap,
            Metric::Lag => &mut self.lag,
            Metric::Reconnect => &mut self.reconnect,
            Metric::Ttft => &mut self.ttft,
            Metric::TtftCorrected => &mut self.ttft_corrected,
            Metric::Itl => &mut self.itl,
            Metric::Duration => &mut self.duration,
            Metric::DurationCorrected => &mut self.duration_corrected,
            Metric::E2e => &mut self.e2e,
            Metric::Publish => &mut self.publish,
            Metric::PublishCorrected => &mut self.publish_corrected,
            Metric::Blackout => &mut self.blackout,
            Metric::Tls => &mut self.tls,
            Metric::LoopLag => &mut self.loop_lag,
            Metric::StartLag => &mut self.start_lag,
            Metric::Emission => &mut self.emission,
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for metric in Metric::ALL {
            self.of_mut(metric).merge(other.of(metric));
        }
    }

    /// Takes the memory that is only promised so far, for all that any run measures.
    pub(crate) fn touch(&mut self) {
        for metric in Metric::ALL.into_iter().filter(|metric| metric.is_plain()) {
            self.of_mut(metric).own().reset();
        }
    }

    /// Forgets all, keeping the memory.
    pub fn clear(&mut self) {
        for metric in Metric::ALL {
            self.of_mut(metric).clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_come_again_count_each_time() {
        let mut latency = Latency::new();
        let times_us = [0, 0, 7, 7, 7, 0, 90, 90];
        for us in times_us {
            latency.record_ns(us * 1000);
        }
        assert_eq!((latency.count(), latency.max_us()), (8, Some(90)));
        assert_eq!((latency.min_us(), latency.quantile_us(0.5)), (Some(0), Some(7)));
        let mut once = histogram();
        for us in times_us {
            once.saturating_record(us);
        }
        assert_eq!(*latency.histogram(), once);
        let mut merged = latency.clone();
        merged.merge(&latency);
        assert_eq!((merged.count(), merged.max_us()), (16, Some(90)));
        let read = Latency::from_v2(&latency.to_v2().unwrap()).unwrap();
        assert_eq!(read, latency);
        latency.clear();
        assert_eq!((latency.count(), latency.max_us()), (0, None));
    }
}
