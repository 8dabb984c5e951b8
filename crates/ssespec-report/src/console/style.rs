//! How text for people is set: with colours or without, and how wide.

use anstyle::{AnsiColor, Effects};

/// How text for people is set. The caller decides; nothing here reads the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colour: bool,
    width: usize,
}

impl Style {
    /// The width where the caller names none.
    pub const DEFAULT_WIDTH: usize = 100;
    /// No text is set narrower than this.
    pub const MIN_WIDTH: usize = 60;

    /// Without colours, for files and CI logs.
    pub const fn plain() -> Self {
        Self { colour: false, width: Self::DEFAULT_WIDTH }
    }

    /// With ANSI colours, for terminals.
    pub const fn coloured() -> Self {
        Self { colour: true, width: Self::DEFAULT_WIDTH }
    }

    /// Sets the width in columns; at least [`Self::MIN_WIDTH`].
    pub const fn with_width(self, columns: usize) -> Self {
        let width = if columns < Self::MIN_WIDTH { Self::MIN_WIDTH } else { columns };
        Self { width, ..self }
    }

    /// The width in columns.
    pub const fn width(self) -> usize {
        self.width
    }

    /// Whether colours are used.
    pub const fn has_colour(self) -> bool {
        self.colour
    }

    /// Sets a piece of text in the colour of its meaning.
    pub(crate) fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        let style = tone.ansi();
        format!("{style}{text}{style:#}")
    }
}

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Alert,
    Quiet,
    Heading,
}

impl Tone {
    fn ansi(self) -> anstyle::Style {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Self::Alert => AnsiColor::Yellow.on_default(),
            Self::Quiet => anstyle::Style::new().effects(Effects::DIMMED),
            Self::Heading => anstyle::Style::new().effects(Effects::BOLD),
        }
    }
}
