//! What the live view shows, and how: a pure function from the state of a run to cells.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Row, Sparkline, Table, Widget as _};
use ssespec_load::latency::Metric;
use ssespec_load::summary::{microseconds, thousands};
use ssespec_load::{Progress, Workload};

/// Seconds that are kept; no terminal is wider.
const HISTORY: usize = 512;
/// Metrics in the table, as far as they have values.
const SHOWN: [Metric; 6] = [
    Metric::ConnectCorrected,
    Metric::TtfeCorrected,
    Metric::Gap,
    Metric::Lag,
    Metric::Reconnect,
    Metric::LoopLag,
];

/// The state of a run, as far as it is shown.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    title: String,
    elapsed_s: u64,
    total_s: u64,
    open: u64,
    wanted: u64,
    pub(crate) paused: bool,
    /// It is coming to its end, because the user wants it to.
    pub(crate) ending: bool,
    total_events: u64,
    events: Vec<u64>,
    /// The 99th percentile of each second: of the lag where there is one, else of the gap.
    p99_us: Vec<u64>,
    p99_of: &'static str,
    times: Vec<(&'static str, [String; 5])>,
    errors: Vec<(String, u64)>,
    counts: [(&'static str, u64); 6],
    cpu_percent: u64,
    late_starts: u64,
    loop_lag_us: Option<u64>,
}

impl View {
    /// A run that has not begun.
    pub(crate) fn of(workload: &Workload) -> Self {
        Self {
            title: workload.subject.name(),
            total_s: (workload.ramp + workload.hold).as_secs(),
            wanted: workload.streams,
            ..Self::default()
        }
    }

    /// Takes how the run is going, once a second.
    pub(crate) fn take(&mut self, progress: &Progress<'_>) {
        let tally = progress.tally;
        self.elapsed_s = progress.elapsed.as_secs();
        (self.open, self.wanted) = (progress.open, progress.wanted);
        self.total_events = progress.total_events;
        push(&mut self.events, progress.events);
        let of_second =
            |metric: Metric| progress.last.and_then(|last| last.p99_us.get(metric.name()).copied());
        let has_lag = tally.latencies.of(Metric::Lag).count() > 0;
        let metric = if has_lag { Metric::Lag } else { Metric::Gap };
        self.p99_of = metric.name();
        push(&mut self.p99_us, of_second(metric).unwrap_or(0));
        self.times = SHOWN
            .into_iter()
            .filter_map(|metric| {
                let latency = tally.latencies.of(metric);
                let quantile = |share| latency.quantile_us(share).map(microseconds);
                let last = of_second(metric).map(microseconds).unwrap_or_default();
                let max = latency.max_us().map(microseconds)?;
                Some((metric.name(), [quantile(0.5)?, quantile(0.9)?, quantile(0.99)?, max, last]))
            })
            .collect();
        let all = tally.errors.0.iter().chain(&tally.violations.0);
        self.errors = all.map(|(what, it)| (what.clone(), it.count)).collect();
        self.errors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        self.counts = [
            ("failed", tally.streams.failed),
            ("ended", tally.streams.ended),
            ("reconnected", tally.streams.reconnected),
            ("lost", tally.delivery.lost),
            ("duplicated", tally.delivery.duplicated),
            ("reordered", tally.delivery.reordered),
        ];
        self.cpu_percent = tally.health.cpu_us * 100 / tally.health.wall_us.max(1);
        self.late_starts = tally.health.late_starts;
        self.loop_lag_us = tally.latencies.of(Metric::LoopLag).quantile_us(0.99);
    }
}

fn push(history: &mut Vec<u64>, value: u64) {
    if history.len() == HISTORY {
        history.remove(0);
    }
    history.push(value);
}

/// Draws it.
pub(crate) fn render(view: &View, area: Rect, buffer: &mut Buffer) {
    let times = u16::try_from(view.times.len().max(3)).unwrap_or(3) + 3;
    let rows = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(4),
        Constraint::Length(times),
        Constraint::Length(5),
        Constraint::Length(1),
        Constraint::Length(1),
    ]);
    let [title, streams, charts, table, problems, health, keys] = rows.areas(area);
    push_title(view, title, buffer);
    let ratio = (view.open as f64 / (view.wanted as f64).max(1.0)).clamp(0.0, 1.0);
    let label = format!("{} of {} streams", thousands(view.open), thousands(view.wanted));
    let style = Style::new().fg(Color::Green).bg(Color::DarkGray);
    Gauge::default().gauge_style(style).ratio(ratio).label(label).render(streams, buffer);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(charts);
    let rate = view.events.last().copied().unwrap_or(0);
    let title = format!(" {} events/s, {} in all ", thousands(rate), thousands(view.total_events));
    chart(&view.events, title, Color::Cyan, left, buffer);
    let last = view.p99_us.last().copied().unwrap_or(0);
    let title = format!(" {} p99 of each second: {} ", view.p99_of, microseconds(last));
    chart(&view.p99_us, title, Color::Yellow, right, buffer);
    push_times(view, table, buffer);
    push_problems(view, problems, buffer);
    let lag = view.loop_lag_us.map_or_else(|| "–".to_owned(), microseconds);
    let text = format!(
        " generator: {} % of a processor a worker, loop lag p99 {lag}, {} late starts",
        view.cpu_percent,
        thousands(view.late_starts)
    );
    Paragraph::new(text).render(health, buffer);
    let keys_text = if view.ending {
        " ending: what has arrived is still read; Ctrl-C ends it by force"
    } else if view.paused {
        " p goes on with the ramp   q stops and keeps the result   Ctrl-C interrupts"
    } else {
        " p pauses the ramp   q stops and keeps the result   Ctrl-C interrupts"
    };
    Paragraph::new(keys_text).style(Style::new().add_modifier(Modifier::DIM)).render(keys, buffer);
}

fn push_title(view: &View, area: Rect, buffer: &mut Buffer) {
    let state = match (view.ending, view.paused) {
        (true, _) => "ENDING  ",
        (false, true) => "PAUSED  ",
        (false, false) => "",
    };
    let time = format!("{state}{} s of {} s ", view.elapsed_s, view.total_s);
    let width = u16::try_from(time.chars().count()).unwrap_or(u16::MAX);
    let columns = [Constraint::Fill(1), Constraint::Length(width)];
    let [left, right] = Layout::horizontal(columns).areas(area);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let title = Line::from(vec![Span::styled(" ssespec load ", bold), Span::raw(&view.title)]);
    Paragraph::new(title).render(left, buffer);
    Paragraph::new(time).style(bold).render(right, buffer);
}

fn chart(values: &[u64], title: String, colour: Color, area: Rect, buffer: &mut Buffer) {
    let block = Block::bordered().title(title);
    // The newest values are those that count.
    let room = usize::from(block.inner(area).width);
    let newest = values.get(values.len().saturating_sub(room)..).unwrap_or_default();
    Sparkline::default()
        .data(newest)
        .style(Style::new().fg(colour))
        .block(block)
        .render(area, buffer);
}

fn push_times(view: &View, area: Rect, buffer: &mut Buffer) {
    let dim = Style::new().add_modifier(Modifier::DIM);
    let head = Row::new(["", "p50", "p90", "p99", "max", "p99, last second"]).style(dim);
    let rows = view.times.iter().map(|(name, cells)| {
        Row::new(std::iter::once((*name).to_owned()).chain(cells.iter().cloned()))
    });
    let widths = [12, 10, 10, 10, 10, 17].map(Constraint::Length);
    Table::new(rows, widths)
        .header(head)
        .block(Block::bordered().title(" latency, whole run "))
        .render(area, buffer);
}

fn push_problems(view: &View, area: Rect, buffer: &mut Buffer) {
    let widths = [Constraint::Fill(1), Constraint::Length(38)];
    let [left, right] = Layout::horizontal(widths).areas(area);
    let block = Block::bordered().title(" errors and violations ");
    let room = usize::from(block.inner(left).height);
    let mut lines: Vec<Line<'_>> = view
        .errors
        .iter()
        .map(|(what, count)| Line::raw(format!("{:>9} {what}", thousands(*count))))
        .collect();
    if lines.is_empty() {
        lines.push(Line::raw(" none"));
    } else if lines.len() > room && room > 0 {
        let hidden = lines.len() + 1 - room;
        lines.truncate(room - 1);
        lines.push(Line::raw(format!("          and {hidden} more")));
    }
    Paragraph::new(lines).block(block).render(left, buffer);
    let red = Style::new().fg(Color::Red);
    let lines: Vec<Line<'_>> = view
        .counts
        .chunks(2)
        .map(|pair| {
            let spans = pair.iter().map(|(name, count)| {
                let bad = !matches!(*name, "ended" | "reconnected") && *count > 0;
                let style = if bad { red } else { Style::new() };
                Span::styled(format!(" {name:<11}{:>6}", thousands(*count)), style)
            });
            Line::from(spans.collect::<Vec<_>>())
        })
        .collect();
    let block = Block::bordered().title(" streams and delivery ");
    Paragraph::new(lines).block(block).render(right, buffer);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ssespec_load::Tally;
    use ssespec_load::result::Second;

    use super::*;

    fn tally() -> Tally {
        let mut tally = Tally::default();
        for ms in 1..=100 {
            tally.latencies.record_ns(Metric::TtfeCorrected, ms * 1_000_000);
            tally.latencies.record_ns(Metric::Lag, ms * 100_000);
            tally.latencies.record_ns(Metric::Gap, ms * 10_000_000);
            tally.latencies.record_ns(Metric::LoopLag, 300_000);
        }
        (tally.streams.failed, tally.streams.ended) = (12, 3);
        (tally.delivery.lost, tally.traffic.events) = (2, 123_456);
        (tally.health.cpu_us, tally.health.wall_us) = (45, 100);
        for (cause, count) in
            [("status.503", 9), ("reset", 2), ("connect.refused", 1), ("media-type", 1)]
        {
            for _ in 0..count {
                tally.errors.count(cause, String::new);
            }
        }
        tally
    }

    fn view() -> View {
        let mut view = View {
            title: "http://localhost:8080/events".to_owned(),
            total_s: 70,
            ..View::default()
        };
        let tally = tally();
        for second in 1..=30 {
            let p99_us =
                ["lag", "gap", "ttfe"].map(|name| (name.to_owned(), 5_000 + second % 7 * 900));
            let last = Second {
                length_s: 1,
                p50_us: std::collections::BTreeMap::new(),
                planned: None,
                second,
                open: second * 300,
                started: 300,
                failed: 0,
                events: 0,
                p99_us: p99_us.into_iter().collect(),
                max_us: std::collections::BTreeMap::new(),
            };
            view.take(&Progress {
                elapsed: Duration::from_secs(second),
                open: second * 300,
                wanted: 10_000,
                events: second * second * 10,
                last: Some(&last),
                ..Progress::of(&tally)
            });
        }
        view
    }

    fn drawn(view: &View, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| render(view, frame.area(), frame.buffer_mut())).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_small_terminal_shows_all() {
        insta::assert_snapshot!(drawn(&view(), 80, 24));
    }

    #[test]
    fn a_large_terminal_shows_more() {
        let paused = View { paused: true, ..view() };
        insta::assert_snapshot!(drawn(&paused, 120, 40));
    }

    #[test]
    fn a_run_that_has_not_begun_can_be_drawn_on_any_terminal() {
        for (width, height) in [(80, 24), (20, 5), (1, 1)] {
            drawn(&View::default(), width, height);
            drawn(&View { ending: true, ..view() }, width, height);
        }
    }
}
