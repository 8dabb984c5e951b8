//! Badges: what a run came to, in a word, as an SVG and for Shields.

use serde_json::json;

use crate::model::RunResult;
use crate::outcome::{ExitCode, FailOn, Standing, run_outcome};

const LABEL: &str = "SSE conformance";

/// The SVG of a badge.
pub fn to_svg(result: &RunResult, fail_on: FailOn) -> String {
    let Badge { message, colour } = Badge::of(result, fail_on);
    let (left, right) = (width(LABEL) + 10, width(&message) + 10);
    let total = left + right;
    let text = |x: u32, length: u32, text: &str| {
        let at = |y: u32, class: &str| {
            format!(
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" textLength=\"{length}\">{text}</text>"
            )
        };
        format!("{}{}", at(15, "s"), at(14, "t"))
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" role="img" aria-label="{LABEL}: {message}">
<title>{LABEL}: {message}</title>
<style>text{{font:11px Verdana,Geneva,DejaVu Sans,sans-serif;text-anchor:middle}}.s{{fill:#010101;fill-opacity:.3}}.t{{fill:#fff}}</style>
<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#555"/><rect x="{left}" width="{right}" height="20" fill="{}"/></g>
{}
{}
</svg>
"##,
        colour.hex(),
        text(left / 2, left - 10, LABEL),
        text(left + right / 2, right - 10, &message),
    )
}

/// The JSON that <https://shields.io/badges/endpoint-badge> makes a badge of.
pub fn to_shields(result: &RunResult, fail_on: FailOn) -> String {
    let Badge { message, colour } = Badge::of(result, fail_on);
    let mut json = json!({
        "schemaVersion": 1, "label": LABEL, "message": message, "color": colour.name(),
    });
    if colour == Colour::Grey {
        json["isError"] = true.into();
    }
    format!("{json:#}\n")
}

struct Badge {
    message: String,
    colour: Colour,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Green,
    /// Some failures are known.
    Lime,
    Red,
    Orange,
    /// Nothing can be said.
    Grey,
}

impl Colour {
    /// The name that Shields knows.
    fn name(self) -> &'static str {
        match self {
            Self::Green => "brightgreen",
            Self::Lime => "yellowgreen",
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Grey => "lightgrey",
        }
    }

    /// Dark enough for white text.
    fn hex(self) -> &'static str {
        match self {
            Self::Green => "#2f7d32",
            Self::Lime => "#5f7a00",
            Self::Red => "#c21f32",
            Self::Orange => "#b3540a",
            Self::Grey => "#6b7280",
        }
    }
}

impl Badge {
    fn of(result: &RunResult, fail_on: FailOn) -> Self {
        let count = |standing: Standing| {
            result.cases.iter().filter(|case| Standing::of(case, fail_on) == standing).count()
        };
        let passed = result.cases.iter().filter(|case| case.verdict.is_scored()).count();
        let (failed, known) = (count(Standing::Failed), count(Standing::Known));
        let word = |colour, message: &str| Self { message: message.to_owned(), colour };
        match run_outcome(result, fail_on).exit_code {
            ExitCode::Ok if known > 0 => Self {
                message: format!("{} passed, {known} known to fail", passed - known),
                colour: Colour::Lime,
            },
            ExitCode::Ok => Self { message: format!("{passed} passed"), colour: Colour::Green },
            ExitCode::Failed => {
                Self { message: format!("{failed} of {passed} failed"), colour: Colour::Red }
            }
            ExitCode::StaleKnown => word(Colour::Orange, "known failures are stale"),
            ExitCode::Untrusted => word(Colour::Grey, "inconclusive"),
            ExitCode::Interrupted => word(Colour::Grey, "interrupted"),
            ExitCode::Empty => word(Colour::Grey, "nothing judged"),
            ExitCode::Usage | ExitCode::Subject | ExitCode::Bug => word(Colour::Grey, "error"),
        }
    }
}

/// About how wide Verdana sets it at 11 pixels; `textLength` holds the text to it.
fn width(text: &str) -> u32 {
    let tenths = |c: char| match c {
        'i' | 'j' | 'l' => 31,
        'f' | 't' | ' ' | ',' => 41,
        'r' | 's' | 'c' => 56,
        'm' | 'w' => 100,
        'A'..='Z' => 77,
        _ => 68,
    };
    text.chars().map(tenths).sum::<u32>().div_ceil(10)
}
