//! The second stage: text becomes lines (`line.*`).

use crate::defect::{Defect, Switch};

/// A finished line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// What ended it on the wire.
    pub(super) ending: String,
}

/// Cuts text into lines, character by character.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines {
    switch: Switch,
    line: String,
    /// The character before was a CR, whose LF may still come.
    after_cr: bool,
    /// The character before was an LF that ended a line.
    after_lf: bool,
    /// A CR waits for an LF, however late.
    owes_lf: bool,
    /// Whether CR is an ordinary character, once the first ending has told.
    cr_is_text: Option<bool>,
    block: String,
    done: Vec<Line>,
}

impl Lines {
    pub(super) fn new(switch: Switch) -> Self {
        Self { switch, ..Self::default() }
    }

    /// What the next connection takes over from this one: the unfinished line.
    pub(super) fn unfinished(&self) -> Self {
        Self { line: self.line.clone(), ..Self::new(self.switch) }
    }

    /// Takes the text of one read; gives the lines that it finishes.
    pub(super) fn read(&mut self, text: &str) -> Vec<Line> {
        if self.switch.has(Defect::BlocksByDoubleLf) {
            self.cut_blocks(text);
        } else {
            let mut rest = text;
            let mut first_of_read = true;
            while let Some(char) = rest.chars().next() {
                // Plain stretches are taken as a whole, for the sake of long streams.
                let plain = rest.find(is_special).unwrap_or(rest.len());
                if plain > 0 && !self.after_cr {
                    let (stretch, behind) = rest.split_at(plain);
                    self.line.push_str(stretch);
                    self.after_lf = false;
                    rest = behind;
                } else {
                    self.take(char, first_of_read);
                    rest = rest.get(char.len_utf8()..).unwrap_or_default();
                }
                first_of_read = false;
            }
        }
        std::mem::take(&mut self.done)
    }

    /// Ends the unfinished line, where there is one.
    pub(super) fn flush(&mut self) -> Option<Line> {
        if self.line.is_empty() {
            return None;
        }
        self.end_line("");
        self.done.pop()
    }

    /// Blocks first, lines later.
    fn cut_blocks(&mut self, text: &str) {
        self.block.push_str(text);
        while let Some(end) = self.block.find("\n\n") {
            let rest = self.block.split_off(end + 2);
            let block = std::mem::replace(&mut self.block, rest);
            let lines = block.split(['\r', '\n']).filter(|line| !line.is_empty());
            self.done
                .extend(lines.map(|line| Line { text: line.to_owned(), ending: "\n".to_owned() }));
            self.done.push(Line::default());
        }
    }

    fn take(&mut self, char: char, first_of_read: bool) {
        if self.after_cr {
            self.after_cr = false;
            match self.switch.0 {
                Some(Defect::WaitsForLfAfterCr) => {
                    self.end_line(if char == '\n' { "\r\n" } else { "\r" });
                    if char == '\n' {
                        return;
                    }
                }
                Some(Defect::CrNotAnEnding) => {
                    if char == '\n' {
                        self.end_line("\r\n");
                        return;
                    }
                    self.line.push('\r');
                }
                Some(Defect::CrlfAsTwoEndings) => {}
                Some(Defect::CrlfAsTwoEndingsAcrossReads) if first_of_read => {}
                _ if char == '\n' => {
                    self.lengthen_ending();
                    return;
                }
                _ => {}
            }
        }
        if char == '\n' && std::mem::take(&mut self.owes_lf) {
            return;
        }
        let swallowed = char == '\r' && self.after_lf && self.switch.has(Defect::LfCrAsOneEnding);
        self.after_lf = false;
        if swallowed {
            return;
        }
        match char {
            '\n' => {
                self.cr_is_text.get_or_insert(true);
                self.end_line("\n");
                self.after_lf = true;
            }
            '\r' => self.take_cr(),
            '\u{85}' | '\u{2028}' | '\u{2029}'
                if self.switch.has(Defect::SplitsOnUnicodeLineEnds) =>
            {
                self.end_line(&char.to_string());
            }
            '\u{B}' | '\u{C}' | '\u{1C}' | '\u{1D}' | '\u{1E}'
                if self.switch.has(Defect::SplitsOnControlSeparators) =>
            {
                self.end_line(&char.to_string());
            }
            _ => self.line.push(char),
        }
    }

    fn take_cr(&mut self) {
        let cr_is_text = *self.cr_is_text.get_or_insert(false);
        match self.switch.0 {
            Some(Defect::LfOnlyEndsLines) => self.line.push('\r'),
            Some(Defect::FirstEndingBinds) if cr_is_text => self.line.push('\r'),
            Some(Defect::WaitsForLfAfterCr | Defect::CrNotAnEnding) => self.after_cr = true,
            Some(Defect::CrSwallowsALaterLf) => {
                self.end_line("\r");
                self.owes_lf = true;
            }
            _ => {
                self.end_line("\r");
                self.after_cr = true;
            }
        }
    }

    /// The LF of a CRLF: the line it ends has gone out already, unless it is still here.
    fn lengthen_ending(&mut self) {
        if let Some(line) = self.done.last_mut() {
            "\r\n".clone_into(&mut line.ending);
        }
    }

    fn end_line(&mut self, ending: &str) {
        let mut text = std::mem::take(&mut self.line);
        match self.switch.0 {
            Some(Defect::LineLimit64Kib) if text.len() > 65_536 => return,
            Some(Defect::BomStrippedAtEachLine) if text.starts_with('\u{FEFF}') => {
                text.remove(0);
            }
            Some(Defect::WhitespaceLineDispatches)
                if text.chars().all(|char| {
                    matches!(char, ' ' | '\t' | '\u{B}' | '\u{C}' | '\u{85}')
                        || matches!(char, '\u{2028}' | '\u{2029}')
                }) =>
            {
                text.clear();
            }
            Some(Defect::NulCutsLine) => {
                if let Some(end) = text.find('\0').filter(|end| *end > 0) {
                    text.truncate(end);
                }
            }
            _ => {}
        }
        self.done.push(Line { text, ending: ending.to_owned() });
    }
}

/// What the line cutter, correct or not, may look at.
fn is_special(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}')
        || matches!(char, '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(reads: &[&str], defect: Option<Defect>) -> Vec<String> {
        let mut lines = Lines::new(Switch(defect));
        reads.iter().flat_map(|read| lines.read(read)).map(|line| line.text).collect()
    }

    #[test]
    fn the_three_endings_end_lines_and_nothing_else_does() {
        let found = lines(&["a\rb\nc\r", "\nd\u{2028}e\r\n\r\r", "\nf"], None);
        assert_eq!(found, ["a", "b", "c", "d\u{2028}e", "", ""]);
    }

    #[test]
    fn a_crlf_across_reads_is_two_endings_for_one_mutant_only() {
        let split = Some(Defect::CrlfAsTwoEndingsAcrossReads);
        assert_eq!(lines(&["a\r\nb\r", "\nc\n"], split), ["a", "b", "", "c"]);
        assert_eq!(lines(&["a\r\nb\r", "\nc\n"], Some(Defect::CrlfAsTwoEndings)).len(), 5);
    }
}
