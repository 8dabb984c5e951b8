//! What is wrong with a scenario file, where, and how to mend it; shown as rustc shows it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is used all the same.
    Warning,
    /// The file is refused.
    Error,
}

/// A place in a file, in bytes, and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The byte range.
    pub span: Range<usize>,
    /// What stands under the caret; may be empty.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as the user named it.
    pub file: String,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// The place, where one is known.
    pub label: Option<Label>,
    /// How to mend it.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// An error in `file`.
    pub fn error(file: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            message: message.into(),
            label: None,
            help: Vec::new(),
        }
    }

    /// Points at bytes of the file.
    pub fn at(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.label = Some(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Renders findings for people. `source` gives the text of a file by its name.
pub fn render<'s>(
    diagnostics: &[Diagnostic],
    source: impl Fn(&str) -> Option<&'s str>,
    colour: bool,
) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&diagnostic.message);
        let mut groups = Vec::new();
        match (&diagnostic.label, source(&diagnostic.file)) {
            (Some(label), Some(text)) => {
                let end = label.span.end.min(text.len());
                let start = label.span.start.min(end);
                let annotation = AnnotationKind::Primary.span(start..end).label(&label.text);
                groups.push(
                    title.element(
                        Snippet::source(text)
                            .path(&diagnostic.file)
                            .annotation(annotation),
                    ),
                );
            }
            _ => groups.push(title.element(annotate_snippets::Origin::path(&diagnostic.file))),
        }
        for help in &diagnostic.help {
            groups.push(Group::with_title(Level::HELP.secondary_title(help)));
        }
        out.push_str(&renderer.render(&groups));
        out.push_str("\n\n");
    }
    out
}
