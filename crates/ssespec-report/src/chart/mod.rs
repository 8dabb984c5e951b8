//! Line charts as SVG: axes with units, and lines that are told apart by dashes and marks as well
//! as by colour.

mod draw;
mod scale;

pub(crate) use draw::{swatch, to_svg};
pub(crate) use scale::Scale;

/// Lines of one chart, at most: there are colours, dashes and marks for as many.
pub(crate) const LINES: usize = 6;

/// A chart.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// What it shows.
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
}

/// One axis.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// What is on it, with its unit.
    pub(crate) title: &'static str,
    pub(crate) scale: Scale,
    /// How a value is written at its mark.
    pub(crate) label: fn(f64) -> String,
}

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What the legend says.
    pub(crate) name: String,
    /// Which colour, dashes and mark it has, below [`LINES`].
    pub(crate) style: usize,
    /// Runs of points, from left to right; between them there is nothing.
    pub(crate) runs: Vec<Vec<(f64, f64)>>,
}

impl Line {
    /// A line through all of these; it breaks where there is no value.
    pub(crate) fn new(
        name: impl Into<String>,
        style: usize,
        points: impl IntoIterator<Item = (f64, Option<f64>)>,
    ) -> Self {
        let mut runs = vec![Vec::new()];
        for (x, y) in points {
            match (y, runs.last_mut()) {
                (Some(y), Some(run)) => run.push((x, y)),
                _ => runs.push(Vec::new()),
            }
        }
        runs.retain(|run| !run.is_empty());
        Self { name: name.into(), style: style % LINES, runs }
    }

    /// All values.
    pub(crate) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.runs.iter().flatten().map(|point| point.1)
    }
}
