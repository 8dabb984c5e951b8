//! The charts of load runs, each with the words, the legend and the table that go with it.

use serde::Serialize;

use crate::chart::{Axis, Chart, LINES, Line, Scale, swatch, to_svg};
use crate::load::Run;
use crate::quantity::{Count, Microseconds};

/// Rows of the table beside a chart over time, at most.
const ROWS: usize = 20;
/// Points of a percentile curve for each nine.
const POINTS: i32 = 24;
/// The quantiles in the table beside a percentile curve.
const QUANTILES: [(f64, &str); 6] = [
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.9999, "99.99 %"),
    (1.0, "all"),
];

/// A chart on a page.
#[derive(Debug, Serialize)]
pub(super) struct Figure {
    title: String,
    /// What its lines are, in a sentence.
    note: String,
    svg: String,
    legend: Vec<Entry>,
    /// The same in numbers: names of columns, and lines of cells.
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One line in the legend.
#[derive(Debug, Serialize)]
struct Entry {
    swatch: String,
    name: String,
}

/// What is on an axis upwards.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    /// Counts, by this name.
    Count(&'static str),
    /// Times in microseconds.
    Time,
}

impl Unit {
    fn axis(self, lines: &[Line]) -> Axis {
        let values = || lines.iter().flat_map(Line::values);
        let max = values().fold(0.0, f64::max);
        match self {
            Self::Count(title) => {
                Axis { title, scale: Scale::linear(max.max(4.0)), label: counted }
            }
            Self::Time => {
                let min = values().filter(|it| *it > 0.0).fold(max, f64::min);
                let (title, scale) = if max > min * 8.0 {
                    ("time, on a logarithmic scale", Scale::log(min, max))
                } else {
                    ("time", Scale::linear(max))
                };
                Axis { title, scale, label: round_time }
            }
        }
    }

    fn cell(self, value: f64) -> String {
        match self {
            Self::Count(_) => counted(value),
            Self::Time => Microseconds(value).to_string(),
        }
    }
}

/// A chart over the time of runs, where there is more than one moment to draw.
pub(super) fn over_time(title: &str, note: &str, unit: Unit, lines: Vec<Line>) -> Option<Figure> {
    let lines: Vec<Line> = lines.into_iter().filter(|it| !it.runs.is_empty()).take(LINES).collect();
    let points = || lines.iter().flat_map(|line| line.runs.iter().flatten());
    let first = points().next()?.0;
    if points().all(|point| point.0 <= first) {
        return None;
    }
    let end_s = points().map(|point| point.0).fold(0.0, f64::max);
    let (per, x_title) = match end_s {
        _ if end_s <= 180.0 => (1.0, "seconds after the start"),
        _ if end_s <= 10_800.0 => (60.0, "minutes after the start"),
        _ => (3600.0, "hours after the start"),
    };
    let (head, rows) = table(&lines, unit);
    let mut scaled = lines;
    for point in scaled.iter_mut().flat_map(|line| line.runs.iter_mut().flatten()) {
        point.0 /= per;
    }
    let x = Axis { title: x_title, scale: Scale::linear(end_s / per), label: plain_number };
    Some(figure(
        title,
        note,
        &Chart { title: title.to_owned(), y: unit.axis(&scaled), x, lines: scaled },
        head,
        rows,
    ))
}

/// Some of the points of lines over time, as a table.
fn table(lines: &[Line], unit: Unit) -> (Vec<String>, Vec<Vec<String>>) {
    let mut moments: Vec<f64> =
        lines.iter().flat_map(|line| line.runs.iter().flatten()).map(|point| point.0).collect();
    moments.sort_by(f64::total_cmp);
    moments.dedup();
    let every = moments.len().div_ceil(ROWS).max(1);
    let near = moments.windows(2).map(|it| it[1] - it[0]).fold(f64::INFINITY, f64::min);
    let cell = |line: &Line, moment: f64| {
        let points = line.runs.iter().flatten();
        let nearest = points.min_by(|a, b| (a.0 - moment).abs().total_cmp(&(b.0 - moment).abs()));
        let found = nearest.filter(|point| (point.0 - moment).abs() <= near);
        found.map_or_else(|| "–".to_owned(), |point| unit.cell(point.1))
    };
    let rows = moments.iter().step_by(every).map(|moment| {
        let cells = lines.iter().map(|line| cell(line, *moment));
        std::iter::once(format!("{} s", plain_number(*moment))).chain(cells).collect()
    });
    let head = std::iter::once("after".to_owned()).chain(lines.iter().map(|it| it.name.clone()));
    (head.collect(), rows.collect())
}

/// Percentile curves of metrics, one line each: the run, the metric, and what the legend says.
pub(super) fn curves(title: &str, note: &str, wanted: &[(&Run, &str, String)]) -> Option<Figure> {
    let found: Vec<_> = wanted
        .iter()
        .enumerate()
        .filter_map(|(style, (run, metric, name))| {
            Some((style, (run.facts.latencies.get(*metric)?, name)))
        })
        .take(LINES)
        .collect();
    let most = found.iter().map(|(_, (times, _))| times.count).max()?;
    let lines = found.iter().map(|(style, (times, name))| {
        let count = times.count.max(1) as f64;
        let steps = (count.log10() * f64::from(POINTS)).ceil().max(1.0);
        let quantile = |step: f64| 1.0 - 10f64.powf(-step / f64::from(POINTS));
        let inner = std::iter::successors(Some(0.0), |step| Some(step + 1.0))
            .take_while(|step| *step < steps)
            .map(|step| (quantile(step), Some(times.quantile_us(quantile(step)) as f64)));
        let last = (1.0 - 1.0 / count, Some(times.histogram.max() as f64));
        Line::new((*name).clone(), *style, inner.chain([last]))
    });
    let lines: Vec<Line> = lines.collect();
    let scale = Scale::Nines((most as f64).clamp(10.0, 1e7));
    let x =
        Axis { title: "percentile: of 100 values, so many are at or below", scale, label: percent };
    let head = std::iter::once("of all values".to_owned())
        .chain(found.iter().map(|(_, (_, name))| (*name).clone()));
    let rows = QUANTILES.map(|(quantile, name)| {
        let cells = found
            .iter()
            .map(|(_, (times, _))| Microseconds(times.quantile_us(quantile) as f64).to_string());
        std::iter::once(name.to_owned()).chain(cells).collect()
    });
    let chart = Chart { title: title.to_owned(), x, y: Unit::Time.axis(&lines), lines };
    Some(figure(title, note, &chart, head.collect(), rows.into()))
}

fn figure(
    title: &str,
    note: &str,
    chart: &Chart,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
) -> Figure {
    let svg = to_svg(chart, "The table below has the same in numbers.");
    let entry = |line: &Line| Entry { swatch: swatch(line.style), name: line.name.clone() };
    Figure {
        title: title.to_owned(),
        note: note.to_owned(),
        svg,
        legend: chart.lines.iter().map(entry).collect(),
        head,
        rows,
    }
}

/// A number without more digits than it needs.
fn plain_number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn counted(value: f64) -> String {
    if value < 100.0 && value.fract() > 0.0 {
        return plain_number(value);
    }
    let text = format!("{value:.0}");
    text.parse().map_or(text, |count| Count(count).to_string())
}

/// A time on an axis, where numbers are round.
fn round_time(us: f64) -> String {
    match us {
        _ if us < 1e3 => format!("{} µs", plain_number(us)),
        _ if us < 1e6 => format!("{} ms", plain_number(us / 1e3)),
        _ => format!("{} s", plain_number(us / 1e6)),
    }
}

fn percent(quantile: f64) -> String {
    let text = format!("{:.7}", quantile * 100.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_axes_have_no_digits_too_many() {
        assert_eq!(percent(0.999), "99.9");
        assert_eq!(percent(0.5), "50");
        assert_eq!(round_time(5000.0), "5 ms");
        assert_eq!(round_time(0.0), "0 µs");
        assert_eq!(counted(12_345.0), "12,345");
        assert_eq!(counted(2.5), "2.5");
        assert_eq!(plain_number(10.0), "10");
    }
}
