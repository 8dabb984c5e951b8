//! How many streams are open, by a number that the server shows: whether it lets go of those whose
//! clients have left.

use std::time::Duration;

use tokio::time::Instant;

use super::probe::Prober;
use super::reading::Seen;
use super::target::TargetError;
use super::verdict::Finding;
use crate::builtin::Address;

/// How many streams are opened for it.
const STREAMS: usize = 5;
/// By how many the gauge may be off for other reasons: others come and go as well.
const OTHERS: f64 = 2.0;
/// How long they are held.
const HELD: Duration = Duration::from_secs(2);
/// Within what time the server must have let go of them.
const LIMIT: Duration = Duration::from_secs(10);
/// How often the gauge is read.
const GLANCE: Duration = Duration::from_millis(200);
/// For how many glances it must stand still before it is believed.
const STEADY: u32 = 5;
/// How long that is waited for.
const SETTLING: Duration = Duration::from_secs(5);

/// Where a server shows how many streams are open, written as `URL`, `URL#NAME` or `URL#/POINTER`:
/// a page that is a number, a page of metrics in the Prometheus text format, or JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gauge {
    address: Address,
    part: Part,
}

/// Which part of the page is the number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    /// The samples of this name, added up; or the one sample, where labels are given.
    Metric(String),
    /// A JSON pointer.
    Pointer(String),
}

impl std::str::FromStr for Gauge {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (url, part) = text.split_once('#').unwrap_or((text, ""));
        let address = Address::parse(url).ok_or_else(|| TargetError::Gauge(text.to_owned()))?;
        let part = match part {
            "" => Part::Whole,
            pointer if pointer.starts_with('/') => Part::Pointer(pointer.to_owned()),
            name => Part::Metric(name.to_owned()),
        };
        Ok(Self { address, part })
    }
}

impl Gauge {
    /// The number on the page; none where it is not there.
    fn number(&self, page: &str) -> Option<f64> {
        let number = match &self.part {
            Part::Whole => page.trim().parse().ok()?,
            Part::Pointer(pointer) => {
                let value: serde_json::Value = serde_json::from_str(page).ok()?;
                value.pointer(pointer)?.as_f64()?
            }
            Part::Metric(name) => {
                let samples: Vec<f64> = page
                    .lines()
                    .filter_map(sample)
                    .filter(|(series, _)| is_of(series, name))
                    .map(|(_, value)| value)
                    .collect();
                if samples.is_empty() {
                    return None;
                }
                samples.iter().sum()
            }
        };
        number.is_finite().then_some(number)
    }

    /// What is looked for, for people.
    fn shown(&self) -> String {
        match &self.part {
            Part::Whole => "a number and nothing else".to_owned(),
            Part::Metric(name) => format!("a metric `{name}`"),
            Part::Pointer(pointer) => format!("a number at `{pointer}`"),
        }
    }
}

/// The series and the value of a line of metrics.
fn sample(line: &str) -> Option<(&str, f64)> {
    let line = line.trim();
    if line.starts_with('#') {
        return None;
    }
    // A label may hold blanks and braces, but no value does.
    let end = line.rfind('}').map_or_else(|| line.find(char::is_whitespace), |at| Some(at + 1))?;
    let (series, rest) = line.split_at(end);
    Some((series, rest.split_whitespace().next()?.parse().ok()?))
}

fn is_of(series: &str, name: &str) -> bool {
    series == name || series.split('{').next() == Some(name)
}

/// Opens some streams, leaves them, and reads the gauge meanwhile.
pub(super) async fn look_at_gauge(prober: &Prober<'_>) -> (Finding, Option<Seen>) {
    let Some(gauge) = &prober.target.gauge else {
        let why = "whether the server lets go of streams is not seen from outside".to_owned();
        let help = "show the number of open streams, and give it by `--gauge 'URL#METRIC'`";
        return (Finding::Moot(why, help), None);
    };
    match watch(gauge, prober).await {
        Ok(course) => (course.finding(), None),
        Err(seen) => {
            let message = format!("the gauge does not show {}: {}", gauge.shown(), seen.shown());
            let help =
                "write `--gauge 'URL#METRIC'`, `'URL#/JSON/POINTER'`, or the URL of a number";
            (Finding::Open(message, help), Some(seen))
        }
    }
}

/// What the gauge showed.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Course {
    before: f64,
    /// The most while our streams were open.
    most: f64,
    /// The least after they were left.
    after: f64,
    /// How long it was watched after that.
    watched: Duration,
}

#[expect(clippy::cast_precision_loss, reason = "a handful of streams")]
impl Course {
    fn finding(&self) -> Finding {
        let Self { before, most, after, watched } = *self;
        let shown =
            format!("{before} before, {most} with {STREAMS} streams of ours, {after} after");
        if most < before + STREAMS as f64 {
            let why = format!("the gauge does not count our streams: {shown}");
            return Finding::Open(why, "give a gauge of the streams that are open right now");
        }
        if after <= before {
            return Finding::Kept(shown);
        }
        if after <= before + OTHERS {
            return Finding::Open(
                format!("others came and went meanwhile: {shown}"),
                "try it while nobody else is connected",
            );
        }
        Finding::late(
            "held",
            format!(
                "streams are still counted {} s after their clients left: {shown}",
                watched.as_secs()
            ),
            "watch the connection while nothing is sent, and end the stream when its client leaves",
        )
    }
}

async fn watch(gauge: &Gauge, prober: &Prober<'_>) -> Result<Course, Seen> {
    let scaled = |time: Duration| time.mul_f64(prober.time_scale);
    let before = settled(gauge, prober).await?;
    let held = prober.hold(STREAMS, HELD);
    tokio::pin!(held);
    let mut most = before;
    loop {
        tokio::select! {
            _ = &mut held => break,
            () = tokio::time::sleep(scaled(GLANCE)) => {}
        }
        tokio::select! {
            _ = &mut held => break,
            now = read(gauge, prober) => most = most.max(now?),
        }
    }
    let left = Instant::now();
    let mut after = most;
    while after > before && left.elapsed() < scaled(LIMIT) {
        tokio::time::sleep(scaled(GLANCE)).await;
        after = after.min(read(gauge, prober).await?);
    }
    Ok(Course { before, most, after, watched: left.elapsed() })
}

/// The gauge, once the streams of before are gone.
async fn settled(gauge: &Gauge, prober: &Prober<'_>) -> Result<f64, Seen> {
    let until = Instant::now() + SETTLING.mul_f64(prober.time_scale);
    let mut last = read(gauge, prober).await?;
    let mut steady = 0;
    while steady < STEADY && Instant::now() < until {
        tokio::time::sleep(GLANCE.mul_f64(prober.time_scale)).await;
        let now = read(gauge, prober).await?;
        steady = if now.total_cmp(&last).is_eq() { steady + 1 } else { 0 };
        last = now;
    }
    Ok(last)
}

/// Reads the gauge; what came instead of a number, where there is none.
async fn read(gauge: &Gauge, prober: &Prober<'_>) -> Result<f64, Seen> {
    let seen = prober.fetch(&gauge.address).await;
    let number = match seen.answer() {
        Some(answer) if answer.head.status == 200 => {
            let page: Vec<u8> = answer.pieces.iter().flat_map(|it| it.bytes.clone()).collect();
            gauge.number(&String::from_utf8_lossy(&page))
        }
        _ => None,
    };
    number.ok_or(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(gauge: &str, page: &str) -> Option<f64> {
        gauge.parse::<Gauge>().expect("a gauge").number(page)
    }

    #[test]
    fn the_number_is_found() {
        assert_eq!(number("http://a/n", " 12\n"), Some(12.0));
        assert_eq!(number("http://a/n", "12 streams"), None);
        assert_eq!(number("http://a/n", "NaN"), None);
        assert_eq!(number("http://a/n#/open/now", r#"{"open":{"now":3}}"#), Some(3.0));
        assert_eq!(number("http://a/n#/open/then", r#"{"open":{"now":3}}"#), None);
        let page = "# HELP sse_open open streams\n# TYPE sse_open gauge\n\
                    sse_open{path=\"/a b}\"} 2 1395066363000\nsse_open{path=\"/c\"} 3e0\n\
                    sse_open_total 99\nup 1\n";
        assert_eq!(number("http://a/m#sse_open", page), Some(5.0));
        assert_eq!(number("http://a/m#sse_open{path=\"/c\"}", page), Some(3.0));
        assert_eq!(number("http://a/m#up", page), Some(1.0));
        assert_eq!(number("http://a/m#sse", page), None);
        assert!("a/m#up".parse::<Gauge>().is_err());
    }

    fn course(before: f64, most: f64, after: f64) -> Finding {
        Course { before, most, after, watched: LIMIT }.finding()
    }

    #[test]
    fn only_streams_of_ours_that_stay_are_held_against_it() {
        assert!(matches!(course(3.0, 8.0, 3.0), Finding::Kept(_)));
        assert!(matches!(course(3.0, 9.0, 2.0), Finding::Kept(_)));
        assert!(matches!(course(3.0, 3.0, 3.0), Finding::Open(..)));
        assert!(matches!(course(3.0, 8.0, 5.0), Finding::Open(..)));
        assert!(course(3.0, 8.0, 6.0).wants_proof());
        assert!(course(3.0, 8.0, 8.0).wants_proof());
    }
}
