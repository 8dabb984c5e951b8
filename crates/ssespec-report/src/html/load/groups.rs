//! Which charts a page of load runs has.

use std::collections::BTreeSet;

use serde::Serialize;

use super::figures::{Figure, Unit, curves, over_time};
use crate::chart::Line;
use crate::load::{Run, Second, family, is_raw, meaning, of_generator};

/// Charts under one heading.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    id: &'static str,
    title: &'static str,
    intro: &'static str,
    figures: Vec<Figure>,
}

const CURVES: &str = "How to read them: above 99 on the bottom axis a line shows the time that 99 of \
    100 values did not exceed. Each mark to the right is ten times rarer. A line ends at the longest \
    time, above as rare a mark as there were values.";

/// The charts of one run.
pub(super) fn of_run(run: &Run) -> Vec<Group> {
    let seconds = run.intervals();
    let points = |value: &dyn Fn(&Second) -> Option<f64>| -> Vec<(f64, Option<f64>)> {
        seconds.iter().map(|it| (it.middle(), value(it))).collect()
    };
    let at_ends = |value: &dyn Fn(&Second) -> Option<u64>| -> Vec<(f64, Option<f64>)> {
        seconds.iter().map(|it| (it.end(), value(it).map(|it| it as f64))).collect()
    };
    let mut time = vec![
        over_time(
            "Streams",
            "Those that were open, and those that the plan wanted open, were none lost.",
            Unit::Count("streams"),
            vec![
                Line::new("open", 0, at_ends(&|it| Some(it.open))),
                Line::new("planned", 1, at_ends(&|it| it.planned)),
            ],
        ),
        over_time(
            "Events a second",
            "Over all streams.",
            Unit::Count("events a second"),
            vec![Line::new("Events a second", 0, points(&|it| Some(it.rate(it.events))))],
        ),
        over_time(
            "Streams started and failed a second",
            "Attempts, and attempts and streams that failed.",
            Unit::Count("streams a second"),
            vec![
                Line::new("started", 0, points(&|it| Some(it.rate(it.started)))),
                Line::new("failed", 1, points(&|it| Some(it.rate(it.failed)))),
            ],
        ),
    ];
    let times = |metric: &str| {
        over_time(
            metric,
            meaning(metric),
            Unit::Time,
            vec![
                Line::new("longest", 1, points(&|it| it.max_us.get(metric).map(|us| *us as f64))),
                Line::new("99 %", 2, points(&|it| it.p99_us.get(metric).map(|us| *us as f64))),
                Line::new("50 %", 0, points(&|it| it.p50_us.get(metric).map(|us| *us as f64))),
            ],
        )
    };
    let metrics = metrics(std::slice::from_ref(run));
    let subject = || metrics.iter().filter(|it| !of_generator(it));
    time.extend(subject().filter(|it| !is_raw(it)).map(|metric| times(metric)));
    let mut families: Vec<&str> = Vec::new();
    for name in subject().map(|it| family(it)) {
        if !families.contains(&name) {
            families.push(name);
        }
    }
    let curve = |name: &&str| {
        let raw = format!("{name}.raw");
        let both = metrics.contains(&raw);
        let plain = if both { "from the planned start (corrected)" } else { name };
        let mut wanted = vec![(run, *name, plain.to_owned())];
        if both {
            wanted.push((run, raw.as_str(), "from the actual start (raw)".to_owned()));
        }
        curves(name, meaning(name), &wanted)
    };
    let generator: Vec<_> = metrics
        .iter()
        .filter(|it| of_generator(it))
        .map(|it| (run, it.as_str(), format!("{it}: {}", meaning(it))))
        .collect();
    vec![
        group("time", "Over time", "", time),
        group("percentiles", "Percentiles", CURVES, families.iter().map(curve).collect()),
        group(
            "generator",
            "The generator",
            "Where it is late itself, times of the subject are not to be trusted.",
            vec![
                curves("How late the generator was", "Of all that it had to do.", &generator),
                times("loop-lag"),
            ],
        ),
    ]
}

/// The charts of several runs: each is a line.
pub(super) fn of_comparison(runs: &[Run]) -> Vec<Group> {
    let lines = |value: &dyn Fn(&Second) -> Option<f64>| -> Vec<Line> {
        let line = |(style, run): (usize, &Run)| {
            let points = run.intervals().iter().map(|it| (it.middle(), value(it)));
            Line::new(run.name(), style, points)
        };
        runs.iter().enumerate().map(line).collect()
    };
    let metrics = metrics(runs);
    let subject = || metrics.iter().filter(|it| !of_generator(it) && !is_raw(it));
    let mut time = vec![
        over_time("Streams open", "", Unit::Count("streams"), lines(&|it| Some(it.open as f64))),
        over_time(
            "Events a second",
            "Over all streams.",
            Unit::Count("events a second"),
            lines(&|it| Some(it.rate(it.events))),
        ),
    ];
    time.extend(subject().map(|metric| {
        over_time(
            &format!("{metric}, 99 %"),
            meaning(metric),
            Unit::Time,
            lines(&|it| it.p99_us.get(metric).map(|us| *us as f64)),
        )
    }));
    let curve = |metric: &str| {
        let wanted: Vec<_> = runs.iter().map(|run| (run, metric, run.name().to_owned())).collect();
        curves(metric, meaning(metric), &wanted)
    };
    vec![
        group(
            "percentiles",
            "Percentiles",
            CURVES,
            subject().map(|metric| curve(metric)).collect(),
        ),
        group("time", "Over time", "", time),
        group(
            "generator",
            "The generator",
            "Where it is late itself, times of the subject are not to be trusted.",
            metrics.iter().filter(|it| of_generator(it)).map(|metric| curve(metric)).collect(),
        ),
    ]
}

fn group(
    id: &'static str,
    title: &'static str,
    intro: &'static str,
    figures: Vec<Option<Figure>>,
) -> Group {
    Group { id, title, intro, figures: figures.into_iter().flatten().collect() }
}

/// The metrics that any run has: first those that are known, in the order in which they matter, then
/// others by name.
pub(super) fn metrics(runs: &[Run]) -> Vec<String> {
    const FIRST: [&str; 7] =
        ["ttfe", "ttfe.raw", "lag", "gap", "reconnect", "connect", "connect.raw"];
    let names: BTreeSet<String> =
        runs.iter().flat_map(|run| run.facts.latencies.keys().cloned()).collect();
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|name| {
        let place = FIRST.iter().position(|it| it == name).unwrap_or(FIRST.len());
        (of_generator(name), place)
    });
    names
}
